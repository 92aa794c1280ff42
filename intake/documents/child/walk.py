"""Iterate over the dictionaries of a PDF without recursion: a hostile uploader may choose its depth and size."""

from collections.abc import Iterator

import pikepdf

from intake.documents.child.refusal import Reason, Refused

# Documents of an application contain some thousands of objects; a tagged document of forty pages, some 20,000.
MAX_OBJECTS = 60_000
MAX_NODES = 600_000


def dictionaries(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    """Yield every dictionary and every stream of `pdf`, including unreachable ones.

    :raises Refused: if it has too many objects (TOO_COMPLEX).
    """
    nodes = 0
    for count, top in enumerate([pdf.trailer, *_all_objects(pdf)]):
        if count > MAX_OBJECTS:
            raise Refused(Reason.TOO_COMPLEX)
        pending = [top]
        while pending:
            nodes += 1
            if nodes > MAX_NODES:
                raise Refused(Reason.TOO_COMPLEX)
            node = pending.pop()
            if isinstance(node, pikepdf.Array):
                children = list(node)
            elif isinstance(node, (pikepdf.Dictionary, pikepdf.Stream)):
                yield node
                children = [value for _key, value in node.items()]
            else:
                continue
            # Indirect objects are visited on their own; following the references could loop for ever.
            pending.extend(child for child in children if _is_inside(child))


def _is_inside(value: object) -> bool:
    return isinstance(value, pikepdf.Object) and not value.is_indirect


def _all_objects(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    return iter(pdf.objects)
