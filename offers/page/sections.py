"""Parser of the body of the page: its titled parts, with text in the conventions of `offers.blocks`."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from offers.blocks import BULLET, Block, BulletList, Item, Paragraph, parse_blocks
from offers.page import titles

from .lines import Line, fold, squash
from .parts import Point

_INDENT = "  "


@dataclass(slots=True)
class Part:
    """A title and the lines under it.

    The first part of a body may have no title, and then perhaps an empty kind.
    """

    kind: str
    title: str
    lines: list[Line] = field(default_factory=list)
    is_note_on_eligibility: bool = False

    @property
    def says_who_may_apply(self) -> bool:
        """True if the part lists the conditions, or is a note directly after them."""
        return self.kind == titles.ELIGIBILITY or self.is_note_on_eligibility

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The paragraphs and lists of the part."""
        return parse_blocks("\n".join(_with_one_bullet(self.lines)))


def split_parts(lines: Sequence[Line]) -> list[Part]:
    """Return the parts of a body, in order; each line is in one of them."""
    parts = [Part(kind="", title="")]
    for index, line in enumerate(lines):
        kind = _kind_of_title(lines, index, inside=parts[-1])
        if kind is not None:
            is_note = parts[-1].kind == titles.ELIGIBILITY and titles.is_note_title(squash(line.folded))
            parts.append(
                Part(kind=kind, title=squash(line.content).rstrip(" :"), is_note_on_eligibility=is_note)
            )
        else:
            parts[-1].lines.append(line)
    parts[0].kind = titles.kind_of_untitled(next((line.folded for line in lines if line.content), ""))
    return [part for part in parts if part.title or any(line.content for line in part.lines)]


def _kind_of_title(lines: Sequence[Line], index: int, *, inside: Part) -> str | None:
    line = lines[index]
    if not line.content or line.is_bullet:
        return None
    folded = squash(line.folded)
    known = titles.kind_of_known_title(folded)
    if known is not None:
        return known
    stands_alone = not _content(lines, index - 1) and not _content(lines, index + 1)
    announces = any(later.content for later in lines[index + 1 :])
    # Lines of a contact are short and without punctuation too: there, only known titles are titles.
    if not stands_alone or not announces or inside.kind == titles.CONTACT:
        return None
    return titles.kind_of_likely_title(squash(line.content), folded)


def _content(lines: Sequence[Line], index: int) -> str:
    return lines[index].content if 0 <= index < len(lines) else ""


def _with_one_bullet(lines: Iterable[Line]) -> Iterator[str]:
    """Yield the lines with the portal's bullet; the second line of a wrapped item is indented under it."""
    in_element = False
    indent = ""
    for line in lines:
        if line.is_bullet:
            in_element = True
            indent = line.text[: len(line.text) - len(line.text.lstrip())]
            yield line.with_bullet
        elif in_element and line.content[:1].islower():
            yield f"{indent}{_INDENT}{line.content}"
        else:
            in_element = in_element and bool(line.content) and line.text[:1].isspace()
            yield line.text


def to_text(blocks: Iterable[Block]) -> str:
    """Return blocks as text: blank lines between them, `•` before an item, two spaces for each level."""
    return "\n\n".join(
        "\n".join(block.lines) if isinstance(block, Paragraph) else "\n".join(_elements(block.items, 0))
        for block in blocks
    )


def _elements(items: Iterable[Item], depth: int) -> Iterator[str]:
    for item in items:
        yield f"{_INDENT * depth}{BULLET} {item.text}"
        yield from _elements(item.children, depth + 1)


def unplaced_points(lines: Iterable[Line]) -> list[Point]:
    """Return lines under no title as points, one for each run of lines without a blank line."""
    runs: list[list[str]] = [[]]
    for line in lines:
        if line.content:
            runs[-1].append(squash(line.content))
        elif runs[-1]:
            runs.append([])
    return [Point("TEXT_NOT_PLACED", "\n".join(run)) for run in runs if run]


def paragraphs_of(block: Block) -> list[str]:
    """Return the texts of a paragraph, with wrapped sentences joined; empty for a list."""
    if isinstance(block, BulletList):
        return []
    texts: list[str] = []
    for line in block.lines:
        is_broken = texts and texts[-1][-1] not in ".;:!?" and line[:1].islower()
        if is_broken or (texts and titles.is_note_title(squash(fold(texts[-1])))):
            texts[-1] = f"{texts[-1]} {line}"
        else:
            texts.append(line)
    return texts
