"""The text of a section, read as paragraphs and nested lists. Pure: text in, blocks out, no HTML."""

from collections.abc import Iterator
from dataclasses import dataclass, field

BULLET = "•"
MAX_DEPTH = 6  # deeper lists are read as the sixth level: nobody reads further, and templates recurse


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines that follow one another without a blank line, kept apart because the offer set them apart."""

    lines: tuple[str, ...]
    is_list = False


@dataclass(frozen=True, slots=True)
class Item:
    """One element of a list, with the elements nested under it."""

    text: str
    children: tuple["Item", ...] = ()


@dataclass(frozen=True, slots=True)
class BulletList:
    """Elements of one level, in order."""

    items: tuple[Item, ...]
    is_list = True

    def walk(self) -> Iterator[Item]:
        """Yield every element, a parent before its children."""
        waiting = list(reversed(self.items))
        while waiting:
            item = waiting.pop()
            yield item
            waiting.extend(reversed(item.children))


type Block = Paragraph | BulletList


@dataclass(slots=True)
class _Level:
    indent: int
    items: list["_Growing"] = field(default_factory=list)


@dataclass(slots=True)
class _Growing:
    text: str
    children: _Level | None = None

    def finished(self) -> Item:
        return Item(
            self.text, tuple(child.finished() for child in self.children.items) if self.children else ()
        )


def parse_blocks(text: str) -> tuple[Block, ...]:
    """Return the blocks of `text`, in order; every word is kept.

    A line that starts with `•` is an element of a list. It is nested under the element before it when it is
    indented more (two spaces by convention, any number in fact; a tab counts as two). A line that is indented more
    than the element it follows continues it. Blank lines separate paragraphs and leave a list open; any other
    line starts a paragraph. A bullet without text is not an element.
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
            words = content.removeprefix(BULLET).strip()
            if words:
                end_paragraph()
                _add(levels, indent, words)
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
    """Return the width of the indentation, a tab counting as two, and what follows it."""
    content = line.lstrip()
    return len(line[: len(line) - len(content)].replace("\t", "  ")), content.rstrip()


def _add(levels: list[_Level], indent: int, words: str) -> None:
    """Put an element where its indentation says, opening a nested level under the last element if needed."""
    while len(levels) > 1 and indent < levels[-1].indent:
        levels.pop()
    if not levels:
        levels.append(_Level(indent))
    elif indent > levels[-1].indent and len(levels) < MAX_DEPTH:
        parent = levels[-1].items[-1]
        parent.children = parent.children or _Level(indent)
        parent.children.indent = indent
        levels.append(parent.children)
    levels[-1].items.append(_Growing(words))
