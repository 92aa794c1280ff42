"""Parser of the complete page: splits its lines into parts and calls the parser of each part."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from offers.blocks import Block, BulletList, Paragraph
from offers.page import titles

from .boilerplate import is_boilerplate
from .contact import read_contact
from .criteria import read_criteria
from .funding import read_funder
from .grid import read_grid
from .header import read_head
from .header_values import read_header_values
from .lines import Line, fold, split_lines, squash
from .parts import Header, OfferPage, PageSection, Point
from .sections import Part, paragraphs_of, split_parts, to_text, unplaced_points
from .sentences import sentences_of

_LOST = "\ufffd"  # replacement character that a decoder writes for invalid bytes


def read_page(text: str) -> OfferPage:
    """Read the text of a published offer page.

    Text that belongs to no part becomes an open point with an excerpt: no text is dropped.

    :raises PageUnreadableError: if the text is empty or damaged, or the organisation, the dates or the deadline are
        missing or cannot be read.
    """
    lines = split_lines(text)
    points = [Point("CHARACTER_LOST", squash(line.content)) for line in lines if _LOST in line.text]
    furniture, lines = _split_boilerplate(lines)
    head, body = read_head(lines, points)
    header = read_header_values(head, points)
    parts = split_parts(body)
    contact = read_contact([part for part in parts if part.kind == titles.CONTACT], points)
    points += [point for part in parts if not part.kind for point in unplaced_points(part.lines)]
    parts = [part for part in parts if part.kind and part.kind != titles.CONTACT]
    points += _unexpected_parts(parts)
    funder, funder_sentence = read_funder(_sentences(parts), points)
    criteria = read_criteria(parts, points)
    skills = [block for part in parts if part.kind == titles.SKILLS for block in part.blocks]
    grid = read_grid(skills)
    if skills and not grid:
        points.append(Point("GRID_EMPTY"))
    return OfferPage(
        header=replace(header, organisation_short=header.organisation_short or _short_name(header, parts)),
        sections=_sections(parts, funder_sentence),
        criteria=criteria,
        grid=grid,
        contact=contact,
        funder=funder,
        funder_sentence=funder_sentence,
        points=tuple(points),
        furniture=furniture,
    )


def _split_boilerplate(lines: Sequence[Line]) -> tuple[tuple[str, ...], tuple[Line, ...]]:
    """Return the boilerplate lines, and the lines of the offer with a blank line in place of each of the former."""
    furniture, kept = [], []
    for line in lines:
        if line.content and not line.is_bullet and is_boilerplate(squash(line.folded)):
            furniture.append(squash(line.content))
            kept.append(Line(line.number, ""))
        else:
            kept.append(line)
    return tuple(furniture), tuple(kept)


def _unexpected_parts(parts: Sequence[Part]) -> list[Point]:
    """Return points about expected parts that are missing, parts of unknown kind and empty parts."""
    kinds = {part.kind for part in parts}
    missing = [Point(f"{kind}_SECTION_MISSING") for kind in titles.EXPECTED if kind not in kinds]
    unknown = [
        Point("SECTION_NOT_RECOGNISED", part.title)
        for part in parts
        if part.kind == titles.OTHER and not part.is_note_on_eligibility
    ]
    empty = [Point("SECTION_EMPTY", part.title) for part in parts if not part.blocks]
    return missing + unknown + empty


def _sentences(parts: Iterable[Part]) -> list[str]:
    return [
        sentence
        for part in parts
        for block in part.blocks
        for paragraph in paragraphs_of(block)
        for sentence in sentences_of(paragraph)
    ]


def _sections(parts: Iterable[Part], funder_sentence: str) -> tuple[PageSection, ...]:
    """Return the parts as sections, without the paragraph that only names the funder: `Offer.funder` has the name."""
    sections: list[PageSection] = []
    for part in parts:
        blocks = list(part.blocks)
        said = next((block for block in blocks if _only_says(block, funder_sentence)), None)
        if said is not None:
            blocks.remove(said)
            funder_sentence = ""
        sections.append(PageSection(part.kind, part.title, to_text(blocks)))
    return tuple(sections)


def _only_says(block: Block, sentence: str) -> bool:
    return bool(sentence) and isinstance(block, Paragraph) and paragraphs_of(block) == [sentence]


def _short_name(header: Header, parts: Iterable[Part]) -> str:
    """Return the short name in brackets after the organisation's full name in the text; empty if none."""
    name = re.escape(fold(header.organisation))
    for part in parts:
        for block in part.blocks:
            if isinstance(block, BulletList):
                continue
            text = " ".join(block.lines)
            found = re.search(rf"{name} \((?P<short>[^()\s]{{2,40}})\)", fold(text))
            short = text[slice(*found.span("short"))] if found else ""
            if short and short == short.upper() and any(letter.isalpha() for letter in short):
                return short
    return ""
