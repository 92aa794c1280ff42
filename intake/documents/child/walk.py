"""Every dictionary of a PDF, one by one, without recursion: depth and size are the stranger's choice."""

from collections.abc import Iterator

import pikepdf

from intake.documents.child.refusal import Reason, Refused

# Documents of an application hold some thousands of objects; a tagged one of forty pages, some twenty thousand.
MAX_OBJECTS = 60_000
MAX_NODES = 600_000


def dictionaries(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    """Yield every dictionary and every stream of `pdf`, the unreachable ones included.

    :raises Refused: more objects than any honest document (TOO_COMPLEX).
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
            # What is named by reference is among the objects already, and following it could go round forever.
            pending.extend(child for child in children if _is_inside(child))


def _is_inside(value: object) -> bool:
    return isinstance(value, pikepdf.Object) and not value.is_indirect


def _all_objects(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    return iter(pdf.objects)
