"""Parser of the complete page: splits its lines into parts and calls the parser of each part."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from offers.blocks import Paragraph

from .contact import read_contact
from .criteria.parser import read_criteria
from .grid import read_grid
from .header import read_head
from .header_values import read_header_values
from .lines import Line, fold, is_boilerplate, sentences_of, split_lines, squash
from .parts import MAX_NAME_LENGTH, Header, OfferPage, PageSection, Point
from .sections import CONTACT, SKILLS, Part, paragraphs_of, part_points, split_parts, to_text, unplaced_points

_LOST = "\ufffd"  # replacement character that a decoder writes for invalid bytes
_HOW = r"(?:entierement|en totalite|en partie|partiellement|conjointement)"
_FUNDED = re.compile(
    rf"\b(?:(?:ce|le|ces) stages? (?:est|sont|sera)(?P<how> {_HOW})? finances?(?P<how_too> {_HOW})? par"
    r"|(?:ce|le) stage est offert grace au (?:soutien|appui)(?: financier)? (?:de|du|des)"
    r"|le financement de ce stage (?:est|provient)(?: assure)? (?:par|de))"
    r" (?:(?:les|le|la) |l')?(?P<funder>[^.;]+)\.?$"
)
_MAX_SENTENCE_LENGTH = 500  # characters
_ABOUT_FUNDING = re.compile(r"\b(?:ce|le) stage\b.*\bfinanc|\bfinancement d[eu] (?:ce |le )?stage\b")


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
    contact = read_contact([part for part in parts if part.kind == CONTACT], points)
    points += [point for part in parts if not part.kind for point in unplaced_points(part.lines)]
    parts = [part for part in parts if part.kind and part.kind != CONTACT]
    points += part_points(parts)
    funder, funder_sentence = read_funder(_sentences(parts), points)
    criteria = read_criteria(parts, points)
    skills = [block for part in parts if part.kind == SKILLS for block in part.blocks]
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
    furniture, remaining = [], []
    for line in lines:
        if line.content and not line.is_bullet and is_boilerplate(squash(line.folded)):
            furniture.append(squash(line.content))
            remaining.append(Line(line.number, ""))
        else:
            remaining.append(line)
    return tuple(furniture), tuple(remaining)


def _sentences(parts: Iterable[Part]) -> list[str]:
    return [
        sentence
        for part in parts
        for block in part.blocks
        for paragraph in paragraphs_of(block)
        for sentence in sentences_of(paragraph)
    ]


def read_funder(sentences: list[str], points: list[Point]) -> tuple[str, str]:
    """Return the funder, and the sentence that only names it; empty texts if there is none.

    A sentence about funding that is not understood, or names a second funder, becomes a point.
    """
    funder = alone = ""
    for sentence in sentences:
        if len(sentence) > _MAX_SENTENCE_LENGTH:
            continue
        text = squash(sentence)
        folded = fold(text)
        match = _FUNDED.search(folded)
        name = text[slice(*match.span("funder"))].strip() if match else ""
        if match and len(name) <= MAX_NAME_LENGTH and funder in {"", name}:
            funder = name
            if match.start() == 0 and not (match["how"] or match["how_too"] or alone):
                alone = sentence
        elif match or _ABOUT_FUNDING.search(folded):
            points.append(Point("FUNDER_NOT_READ", text))
    return funder, alone


def _sections(parts: Iterable[Part], funder_sentence: str) -> tuple[PageSection, ...]:
    """Return the parts as sections, without the paragraph that only names the funder: `Offer.funder` has the name."""
    sections: list[PageSection] = []
    for part in parts:
        blocks = list(part.blocks)
        paragraph = next((block for block in blocks if paragraphs_of(block) == [funder_sentence]), None)
        if paragraph is not None:
            blocks.remove(paragraph)
            funder_sentence = ""
        sections.append(PageSection(part.kind, part.title, to_text(blocks)))
    return tuple(sections)


def _short_name(header: Header, parts: Iterable[Part]) -> str:
    """Return the short name in brackets after the organisation's full name in the text; empty if none."""
    name = re.escape(fold(header.organisation))
    paragraphs = (block for part in parts for block in part.blocks if isinstance(block, Paragraph))
    for paragraph in paragraphs:
        text = " ".join(paragraph.lines)
        match = re.search(rf"{name} \((?P<short>[^()\s]{{2,40}})\)", fold(text))
        short = text[slice(*match.span("short"))] if match else ""
        if short and short == short.upper() and any(letter.isalpha() for letter in short):
            return short
    return ""
