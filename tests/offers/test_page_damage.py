"""Damaged texts: a page is parsed or refused by name, and no word is lost without a point."""

import re
import time
import unicodedata
from collections import Counter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from eligibility import codec
from offers.import_messages import explain_unreadable, warning_messages
from offers.page.lines import fold
from offers.page.parser import read_page
from offers.page.parts import OfferPage, PageUnreadableError
from tests.offers.parsed_pages import NAMES, page_text

patient = settings(deadline=None, max_examples=150)
exhaustive = settings(deadline=None, max_examples=5000)
TEXTS = [page_text(name) for name in NAMES]
MOMENT = 1.0  # seconds of CPU for 20,000 further characters, parsed and compared word by word
INVISIBLE = re.compile("[\ufeff\u200b-\u200d\u2060\u00ad]")

PIECES = st.sampled_from(
    [
        *(
            "•",
            "  • ",
            "\t",
            "\n",
            "\n\n",
            "\r\n",
            "\u00a0",
            "\u202f",
            "\u2028",
            "\x0c",
            "’",
            "'",
            "–",
            ":",
            " ;",
            ".",
        ),
        *(
            "(",
            ")",
            "|",
            "N0 ",
            "2024-031",
            "ou ",
            "sauf ",
            "ne pas ",
            "et ",
            "1er ",
            "31 ",
            " février ",
            "2023 ",
        ),
        *("0000", " $ CA", "Note : ", "Admissibilité\n", "\n\nAdmissibilité\n\n", "Pour toute question\n"),
        *("Lieu : ", "télétravail ", "Date limite d'inscription : ", "a@b.invalid", "Tél. : 418 555-0100"),
        *(
            "atout",
            "1. ",
            "Ce stage est financé par ",
            "\ufffd",
            "é",
            "É",
            "ﬁ",
            "İ",
            "ß",
            "½",
            "٣",
            "💧",
            "\u0301",
        ),
        *("_", "ª"),
    ]
)


@st.composite
def damaged_texts(draw: st.DrawFn) -> str:
    """Generate a damaged page: lines lost, doubled or moved, characters lost or inserted."""
    text = draw(st.sampled_from(TEXTS))
    for _ in range(draw(st.integers(1, 6))):
        lines = text.split("\n")
        at, to = draw(st.integers(0, len(lines) - 1)), draw(st.integers(0, len(lines) - 1))
        place = draw(st.integers(0, len(text)))
        match draw(st.integers(0, 6)):
            case 0:
                del lines[at]
            case 1:
                lines.insert(to, lines[at])
            case 2:
                lines[at], lines[to] = lines[to], lines[at]
            case 3:
                lines = (text[:place] + text[place + draw(st.integers(1, 40)) :]).split("\n")
            case 4:
                lines = (text[:place] + draw(PIECES) + text[place:]).split("\n")
            case 5:
                lines = (text[:place] + draw(st.text(max_size=10)) + text[place:]).split("\n")
            case 6:
                lines = [line for line in lines if line]
        text = "\n".join(lines)
    return text


def words_of(text: str) -> Counter[str]:
    """Return the count of each word in a text; letters and digits form words."""
    return Counter(re.findall(r"\w+", unicodedata.normalize("NFC", INVISIBLE.sub("", text))))


def words_kept(page: OfferPage) -> Counter[str]:
    """Return the count of each word in a page's fields, and in the points about texts without a place."""
    kept = [*page.header.printed, *page.furniture, page.funder_sentence]
    kept += [piece for section in page.sections for piece in (section.title, section.text)]
    kept += page.contact.printed if page.contact else ()
    kept += [
        point.excerpt
        for point in page.points
        if point.code in {"TEXT_NOT_PLACED", "HEADER_LINE_REPEATED", "CONTACT_MISSING"}
    ]
    return words_of("\n".join(kept))


def check(text: str) -> None:
    try:
        page = read_page(text)
    except PageUnreadableError as error:
        words = explain_unreadable(error)
        assert words
        assert "\n" not in words
        return
    check_read(text, page)


def check_read(text: str, page: OfferPage) -> None:
    """Check a parsed page: each word of the text has a place, and the values are valid."""
    assert words_of(text) - words_kept(page) == Counter()
    assert all(warning and "\n" not in warning for warning in warning_messages(page.points))
    codec.rulebook_from_json(
        {
            "schema": 1,
            "reference": page.header.number,
            "starts_on": page.header.starts_on.isoformat(),
            "closes_on": page.header.closes_on.isoformat(),
            "criteria": list(page.criteria),
        }
    )
    said = {point.excerpt for point in page.points}
    assert all(
        criterion["clause"]["text"] in said for criterion in page.criteria if criterion["kind"] == "OTHER"
    )
    assert all(line.text for line in page.grid)
    for field in ("organisation", "domain", "place"):
        assert len(getattr(page.header, field)) <= 250


@pytest.mark.parametrize("name", NAMES)
def test_all_text_of_a_page_is_placed_or_reported(name: str) -> None:
    check_read(page_text(name), read_page(page_text(name)))


def test_a_folded_text_keeps_the_positions_of_blanks() -> None:
    every = "".join(map(chr, range(0x10000)))
    folded = fold(every)
    assert len(folded) == len(every)
    assert [
        letter for letter, one in zip(every, folded, strict=True) if letter.isspace() != one.isspace()
    ] == []


@patient
@given(damaged_texts())
@example("¨" + next(text for text in TEXTS if text.startswith("Numéro")))
def test_a_damaged_page_loses_no_text_without_a_point(text: str) -> None:
    check(text)


@patient
@given(st.text(max_size=400))
@example("\x00")
@example("\ud800")
def test_any_text_is_read_or_refused_with_a_code(text: str) -> None:
    check(text)


@pytest.mark.full
@exhaustive
@given(damaged_texts())
def test_no_damaged_page_of_the_full_run_loses_text_without_a_point(text: str) -> None:
    check(text)


@pytest.mark.parametrize(
    "name", [NAMES[0], *(pytest.param(name, marks=pytest.mark.full) for name in NAMES[1:])]
)
def test_every_removed_or_repeated_line_is_noticed(name: str) -> None:
    lines = page_text(name).split("\n")
    for at in range(len(lines)):
        check("\n".join([*lines[:at], *lines[at + 1 :]]))
        check("\n".join([*lines[:at], lines[at], *lines[at:]]))


@pytest.mark.parametrize(
    "piece",
    [
        "a ",
        "avoir obtenu un ",
        "a@",
        *(
            pytest.param(piece, marks=pytest.mark.full)
            for piece in ("de ", "ou ", "(", "• ", "1. ", "au sens de la loi et du ", "inscrit au ")
        ),
    ],
)
def test_a_very_long_line_is_parsed_quickly(piece: str) -> None:
    line = piece * (20_000 // len(piece))
    text = page_text("2024-031-paris")
    began = time.process_time()
    for place in (
        "Domaine : ",
        "Lieu : ",
        "N0 ",
        "  • Être domicilié",
        "Tél .",
        "Ce stage est",
        "Logo du",
    ):
        assert place in text
        check(text.replace(place, f"{line}\n{place}", 1))
        check(text.replace(place, f"{place}{line}", 1))
    assert time.process_time() - began < MOMENT * 14
