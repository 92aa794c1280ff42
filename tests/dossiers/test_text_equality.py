"""The text of dossier and receipt is the payload's: each answer, in its place, as a reader of the tags gets it.

Answers are what the form accepts of any text. Characters that no font here has are left out of the drawn texts, and
tested by their number. A reading may differ from the text as follows, and in nothing else:

* A line end, of the page or of the text, stands for the space or the line feeds at which the text is cut.
* Where a word is longer than its line, a line end stands for nothing.
* All kinds of space are one: their glyphs are the same.
* A character that no font has reads as its number: [U+1F9FF].
"""

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from intake.dossiers import render
from intake.dossiers.render import render_dossier, render_receipt
from intake.dossiers.sealed_payload import Answer, AnsweredSection, Payload
from intake.profiles.fields import TidyParagraphsField, TidyTextField
from tests.dossiers.in_process import draw_in_process
from tests.dossiers.pdf_reader import PdfReader, Tag
from tests.factories.payloads import payload, person
from tests.factories.receipts import facts

AT = datetime(2026, 9, 30, 18, 32, 5, tzinfo=UTC)
ONE_LINE, LINES = TidyTextField(required=False), TidyParagraphsField(required=False)
MAX_LENGTH = 200  # of a name or a place
_SYSTEM_FONTS = Path("/usr/share/fonts/truetype/dejavu")

CHOSEN = [
    "Maïté Côté-L’Écuyer",
    "e\u0301 a\u0323\u0302 n\u0303 Z\u0351",
    "fi fl ffi ffl \ufb01\ufb02 fi\u200cfi",
    "W" * 200,
    "anticonstitutionnellement" * 8,
    "première ligne\r\ndeuxième\ttabulée\u2028troisième\u2029quatrième\n\n\n\ncinquième",
    "trait\u00add’union conditionnel, joint\u200de, \u202eà l’envers\u202c, \ufeffmarque",
    "فاطمة الزهراء",
    "السلام عليكم 123 ABC, fin",
    "Un mot אברהם dans la phrase",
    "Ελένη Παπαδοπούλου, Ирина Й, Đặng Łódź",
    "王小明, 陳怡君 (佐々木 さくら) 김민준",
    "अनुष्का झा",
    "espace\u00a0insécable\u202ffine\u2003cadratin",
    "‐‑‒–—―−- ‘’‚“”„… • · ⁄ № ™ ½ ²",
    "0\U000e0030, \U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
    "\U0001f446\U0001f3fb, \U0001f446, \U0001f44d\U0001f3fd",
    "<b>&amp;</b> {{ x }} {% y %} \\n %s &#x41;",
    " ".join(["mot"] * 60),
]


END = "\x1f"  # after each piece of text that is drawn at once
_WHITE = " \t\n\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_SPACES = re.compile(f"[{_WHITE}]+")


def read_text(content: bytes) -> str:
    """Return the text of all tags of a PDF in reading order, with `END` after each piece."""
    found = PdfReader(content)
    assert [
        problem for problem in found.problems if "glyph" in problem
    ] == []  # a box is drawn, or no character
    return "".join(piece + END for piece in _pieces(found.document))


def _pieces(tag: Tag) -> Iterator[str]:
    for one in tag.order:
        if isinstance(one, str):
            yield one
        else:
            yield from _pieces(one)


def place_of(text: str, read: str, *, after: int = 0, at_once: bool = False) -> int | None:
    """Return where `text` ends in what is `read`, from `after`; None if it is not there.

    With `at_once` nothing but line ends may come before it.
    """
    pieces = [
        f"[{END}{_WHITE}]+"
        if _SPACES.fullmatch(char)
        else f"(?:{re.escape(char)}|{re.escape(f'[U+{ord(char):04X}]')})"
        for char in _SPACES.sub(" ", text)
    ]
    pattern = re.compile(f"{END}*".join(pieces) + f"(?={END})")
    found = pattern.match(read, _skip(read, after)) if at_once else pattern.search(read, after)
    return found.end() if found else None


def _skip(read: str, start: int) -> int:
    while start < len(read) and (read[start] == END or _SPACES.match(read[start])):
        start += 1
    return start


@cache
def drawable() -> str:
    """Return the characters of the fonts that a page can use here, but for spaces and controls."""
    files = [path for name, path in render._assets().items() if name.endswith((".woff", ".ttf"))]
    files += [str(path) for path in _SYSTEM_FONTS.glob("DejaVuSans.ttf")]
    codes: set[int] = set()
    for file in files:
        with TTFont(io.BytesIO(Path(file).read_bytes())) as font:
            codes |= font.getBestCmap().keys()
    return "".join(sorted(chr(code) for code in codes if not chr(code).isspace() and code >= 0x20))


def as_sealed(text: str, *, lines: bool = True) -> str:
    """Return what the form keeps of a typed text, as the payload holds it; empty if it is refused."""
    kept = str((LINES if lines else ONE_LINE).clean(text.replace("\0", "")))
    return kept[:MAX_LENGTH].strip()


def sealed(made: Payload) -> Payload:
    """Return a payload as it is read from its seal."""
    return Payload.parse(made.canonical())


def typed() -> st.SearchStrategy[str]:
    """Texts as people type and paste them, then as any program sends them, in the characters that fonts have."""
    letters = st.sampled_from(drawable())
    controls = st.sampled_from("\t\n\r\x0b\x85\u00a0\u00ad\u200b\u200c\u200d\u2028\u202e\u2066\ufeff\u0301 ")
    words = st.text(st.one_of(letters, letters, letters, controls), max_size=60)
    latin = st.text(st.sampled_from("abcdefilmnorstuéèàçœ'’-.,  "), min_size=1, max_size=120)
    return st.one_of(words, latin, st.lists(st.sampled_from(CHOSEN), max_size=2).map(" ".join))


def with_answers(texts: list[str]) -> Payload:
    """Return the payload of a dossier with these answers, and with names and places of them."""
    answers = tuple(
        Answer(f"k{rank}", f"Question {rank}, précisez", as_sealed(text)) for rank, text in enumerate(texts)
    )
    first, last = (as_sealed(text, lines=False) or "–" for text in (texts[0], texts[-1]))
    base = payload(
        person=person(first_name=first, last_name=last),
        review_message=as_sealed(texts[len(texts) // 2]),
        sections=(AnsweredSection("x", "Section éprouvée", answers),),
    )
    return sealed(replace(base, call=replace(base.call, place=last, domain=first)))


def unequal_in_dossier(made: Payload) -> list[str]:
    """Draw a dossier; return the texts that are not read in their place."""
    with draw_in_process():
        drawn = render_dossier(made, number="N-1", received_at=AT, digest="sha256:x", sources=())
    read = read_text(drawn.content)
    wrong = [
        text
        for text in (made.person.full_name, made.review_message, made.call.domain, made.call.place)
        if text and place_of(text, read) is None
    ]
    (section,) = made.sections
    place = place_of(section.title, read) or 0
    for answer in section.answers:
        label = place_of(answer.label, read, after=place)
        value = place_of(answer.value or "Sans réponse", read, after=label or 0, at_once=True)
        if label is None or value is None:
            wrong.append(answer.value)
        place = value or label or place
    return wrong


def unequal_in_receipt(made: Payload) -> list[str]:
    """Draw a receipt; return the texts that are not read."""
    with draw_in_process():
        drawn = render_receipt(made, facts=facts(), address="https://exemple.invalid/", in_english_too=False)
    read = read_text(drawn)
    texts = [
        made.person.full_name,
        *(one for each in made.documents for one in (each.label, each.name, each.sha256)),
    ]
    return [text for text in texts if text and place_of(text, read) is None]


def test_chosen_answers_are_read_in_their_place_in_a_dossier() -> None:
    assert unequal_in_dossier(with_answers(CHOSEN)) == []


def test_chosen_texts_are_read_in_a_receipt() -> None:
    documents = tuple(
        replace(payload().documents[0], label=as_sealed(text, lines=False), name=as_sealed(text, lines=False))
        for text in CHOSEN
    )
    assert unequal_in_receipt(sealed(payload(documents=documents))) == []


@pytest.mark.full
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(typed(), min_size=20, max_size=40))
@example(CHOSEN)
def test_any_accepted_answers_are_read_in_their_place(texts: list[str]) -> None:
    assert unequal_in_dossier(with_answers(texts)) == []
