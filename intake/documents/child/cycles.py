"""Loops of an opened PDF: pages within themselves, and drawings that draw themselves.

A reader that follows them works until it is stopped.
"""

import re
from collections.abc import Iterator

import pikepdf
from pikepdf import Name

from intake.documents.child.refusal import Reason, Refused

# Applications nest drawings four or five deep.
MAX_DEPTH = 40
_USED = re.compile(rb"/([^\s/<>\[\](){}%]+)\s+(?:[-+.0-9]+\s+)?(?:Do|scn|SCN|Tf|gs)\b")
_DRAWN = ("/XObject", "/Pattern", "/Font", "/ExtGState")

type _Id = tuple[int, int]


def refuse_page_loops(pdf: pikepdf.Pdf) -> None:
    """Raise `Refused` (SELF_REFERENCE) if the lists above a page lead back to it or to themselves.

    The library raises as it opens a file whose lists of pages lead back to themselves downwards.
    """
    done: set[_Id] = set()
    for page in pdf.pages:
        node: object = page.obj
        path: set[_Id] = set()
        while isinstance(node, pikepdf.Dictionary) and node.objgen not in done:
            if node.objgen in path:
                raise Refused(Reason.SELF_REFERENCE)
            path.add(node.objgen)
            node = node.get("/Parent")
        done |= path


def refuse_drawing_loops(pdf: pikepdf.Pdf) -> None:
    """Raise `Refused` (SELF_REFERENCE) if a form, pattern or glyph draws itself, (TOO_COMPLEX) if they nest too deep.

    A drawing that only has itself among its resources is honest: some applications share one list of resources.
    """
    done: set[_Id] = set()
    for page in pdf.pages:
        resources = _resources(page.obj)
        drawn = [*_drawings(resources, None)]
        notes = page.obj.get("/Annots")
        if isinstance(notes, pikepdf.Array):
            drawn += [look for note in notes for look in _looks(note)]
        for top in drawn:
            _follow(top, resources, done)


def _resources(page: pikepdf.Object) -> object:
    """Return a page's resources, its own or those of the nearest list of pages that has some."""
    node: object = page
    for _level in range(MAX_DEPTH):
        if not isinstance(node, pikepdf.Dictionary):
            break
        if "/Resources" in node:
            return node["/Resources"]
        node = node.get("/Parent")
    return None


def _follow(top: pikepdf.Object, resources: object, done: set[_Id]) -> None:
    path: dict[_Id, Iterator[pikepdf.Object]] = {}
    pending: pikepdf.Object | None = top
    inherited = [resources]
    while True:
        if pending is not None and pending.objgen not in done:
            if pending.objgen in path:
                raise Refused(Reason.SELF_REFERENCE)
            if len(path) >= MAX_DEPTH:
                raise Refused(Reason.TOO_COMPLEX)
            own = pending.get("/Resources", inherited[-1])
            inherited.append(own)
            path[pending.objgen] = _drawings(own, _content(pending))
        if not path:
            return
        number = next(reversed(path))
        pending = next(path[number], None)
        if pending is None:
            del path[number]
            inherited.pop()
            done.add(number)


def _drawings(resources: object, content: bytes | None) -> Iterator[pikepdf.Object]:
    """Yield the drawings among `resources` that `content` uses; all of them if `content` is None."""
    if not isinstance(resources, pikepdf.Dictionary):
        return
    used: set[str] | None = None
    for category in _DRAWN:
        entries = resources.get(category)
        if not isinstance(entries, pikepdf.Dictionary):
            continue
        for name, value in entries.items():
            drawings = [*_drawn_by(value)]
            if drawings and content is not None and used is None:
                used = {"/" + found.decode("latin-1") for found in _USED.findall(content)}
            if used is None or name in used or "#" in "".join(used):
                yield from drawings


def _drawn_by(value: object) -> Iterator[pikepdf.Object]:
    if isinstance(value, pikepdf.Stream):
        if value.get("/Subtype") == Name.Form or "/PatternType" in value:
            yield value
    elif isinstance(value, pikepdf.Dictionary):
        if value.get("/Subtype") == Name.Type3 and value.is_indirect:
            yield value
        mask = value.get("/SMask")
        group = mask.get("/G") if isinstance(mask, pikepdf.Dictionary) else None
        if isinstance(group, pikepdf.Stream):
            yield group


def _looks(note: object) -> Iterator[pikepdf.Object]:
    look = note.get("/AP") if isinstance(note, pikepdf.Dictionary) else None
    pending = [value for _state, value in look.items()] if isinstance(look, pikepdf.Dictionary) else []
    for value in pending:
        if isinstance(value, pikepdf.Stream):
            yield value
        elif isinstance(value, pikepdf.Dictionary):
            yield from (one for _state, one in value.items() if isinstance(one, pikepdf.Stream))


def _content(drawing: pikepdf.Object) -> bytes:
    if isinstance(drawing, pikepdf.Stream):
        return _read(drawing)
    glyphs = drawing.get("/CharProcs")
    if not isinstance(glyphs, pikepdf.Dictionary):
        return b""
    return b"\n".join(_read(glyph) for _name, glyph in glyphs.items() if isinstance(glyph, pikepdf.Stream))


def _read(stream: pikepdf.Stream) -> bytes:
    try:
        return stream.read_bytes(decode_level=pikepdf.StreamDecodeLevel.specialized)
    except (pikepdf.PdfError, pikepdf.DataDecodingError):
        return b""
