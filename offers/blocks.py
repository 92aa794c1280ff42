"""Parser of a section's text into paragraphs and nested lists. Pure: text in, blocks out, no HTML."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

BULLET = "•"
MAX_DEPTH = 6  # levels; deeper items are read as the sixth level, because templates recurse


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Consecutive lines without a blank line between them; the line breaks of the offer are kept."""

    lines: tuple[str, ...]
    notes: tuple[Any, ...] = ()
    """What a page says under the paragraph; empty as parsed."""
    is_list = False


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a list, with the items nested under it."""

    text: str
    children: tuple["Item", ...] = ()
    notes: tuple[Any, ...] = ()
    """What a page says under the item and its nested items; empty as parsed."""


@dataclass(frozen=True, slots=True)
class BulletList:
    """Items of one level, in order."""

    items: tuple[Item, ...]
    is_list = True

    def walk(self) -> Iterator[Item]:
        """Yield all items, a parent before its children."""
        waiting = list(reversed(self.items))
        while waiting:
            item = waiting.pop()
            yield item
            waiting.extend(reversed(item.children))


type Block = Paragraph | BulletList


@dataclass(slots=True)
class _Growing:
    text: str
    children: list["_Growing"] = field(default_factory=list)

    def finished(self) -> Item:
        return Item(self.text, tuple(child.finished() for child in self.children))


class _Level(NamedTuple):
    indent: int
    items: list[_Growing]


def parse_blocks(text: str) -> tuple[Block, ...]:
    """Return the blocks of `text`, in order; every word is kept.

    A line that starts with `•` is an item of a list. It is nested under the item before it if it is indented more
    (two spaces by convention, in fact any number; a tab counts as two). A line that is indented more than the item
    before it continues that item. Blank lines separate paragraphs and do not end a list; any other line starts a
    paragraph. A bullet without text is not an item.
    """
    blocks: list[Block] = []
    paragraph: list[str] = []
    levels: list[_Level] = []

    def end_paragraph() -> None:
        if paragraph:
            blocks.append(Paragraph(tuple(paragraph)))
            paragraph.clear()

    def end_list() -> None:
        if levels:
            blocks.append(BulletList(tuple(item.finished() for item in levels[0].items)))
            levels.clear()

    after_blank = True
    for line in text.splitlines():
        indent, content = _measure(line)
        if not content:
            end_paragraph()
            after_blank = True
            continue
        if content.startswith(BULLET):
            if item_text := content.removeprefix(BULLET).strip():
                end_paragraph()
                _add(levels, indent, item_text)
        elif levels and not after_blank and indent > levels[-1].indent:
            item = levels[-1].items[-1]
            item.text = f"{item.text} {content}"
        else:
            end_list()
            paragraph.append(content)
        after_blank = False
    end_paragraph()
    end_list()
    return tuple(blocks)


def _measure(line: str) -> tuple[int, str]:
    """Return the width of the indentation, with a tab counted as two, and the text after it."""
    content = line.lstrip()
    return len(line[: len(line) - len(content)].replace("\t", "  ")), content.rstrip()


def _add(levels: list[_Level], indent: int, text: str) -> None:
    """Add an item at the level of its indentation; open a nested level under the last item if needed."""
    while len(levels) > 1 and indent < levels[-1].indent:
        levels.pop()
    if not levels:
        levels.append(_Level(indent, []))
    elif indent > levels[-1].indent and len(levels) < MAX_DEPTH:
        levels.append(_Level(indent, levels[-1].items[-1].children))
    levels[-1].items.append(_Growing(text))
