"""The text of a section: paragraphs, list elements and nested elements."""

import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from offers.blocks import BULLET, BulletList, Item, Paragraph, parse_blocks


def paragraph(*lines: str) -> Paragraph:
    return Paragraph(lines)


def bullets(*items: Item) -> BulletList:
    return BulletList(items)


@pytest.mark.parametrize(
    "text, expected",
    [
        ("", ()),
        (" \n\n\t\n", ()),
        ("Un.\n\nDeux.", (paragraph("Un."), paragraph("Deux."))),
        ("Direction\nMinistère", (paragraph("Direction", "Ministère"),)),
        ("• un\n• deux", (bullets(Item("un"), Item("deux")),)),
        ("  • un\n  • deux", (bullets(Item("un"), Item("deux")),)),
        ("Voici :\n• un", (paragraph("Voici :"), bullets(Item("un")))),
        ("• un\n\n• deux", (bullets(Item("un"), Item("deux")),)),
        ("• un\nEnsuite.", (bullets(Item("un")), paragraph("Ensuite."))),
        ("• un\n\n  Ensuite.", (bullets(Item("un")), paragraph("Ensuite."))),
        ("• un\n  suite de un", (bullets(Item("un suite de un")),)),
        ("• un\n  • a\n  • b\n• deux", (bullets(Item("un", (Item("a"), Item("b"))), Item("deux")),)),
        ("  • un\n    • a\n  • deux", (bullets(Item("un", (Item("a"),)), Item("deux")),)),
        ("• un\n\t• a", (bullets(Item("un", (Item("a"),))),)),
        ("• un\n\u00a0\u00a0• a", (bullets(Item("un", (Item("a"),))),)),
        ("• un\n    • a\n  • b", (bullets(Item("un", (Item("a"), Item("b")))),)),
        ("    • un\n• deux", (bullets(Item("un"), Item("deux")),)),
        ("• un\n  • a\n    • i\n• deux", (bullets(Item("un", (Item("a", (Item("i"),)),)), Item("deux")),)),
        ("•un", (bullets(Item("un")),)),
        ("•\n• un", (bullets(Item("un")),)),
        ("Un prix • deux", (paragraph("Un prix • deux"),)),
    ],
)
def test_a_text_is_parsed_into_the_blocks_of_its_layout(text: str, expected: tuple[object, ...]) -> None:
    assert parse_blocks(text) == expected


lines = st.builds(
    lambda indent, bullet, words: " " * indent + bullet + words,
    st.integers(0, 12),
    st.sampled_from(["", "• ", "•"]),
    st.text(alphabet="aé<&’ \u00a0\t•", max_size=12),
)


def words_of(text: str) -> list[str]:
    return text.replace(BULLET, " ").split()


def words_read(text: str) -> list[str]:
    words = []
    for block in parse_blocks(text):
        pieces = block.lines if isinstance(block, Paragraph) else [item.text for item in block.walk()]
        words += [word for piece in pieces for word in words_of(piece)]
    return words


@given(st.lists(lines, max_size=25).map("\n".join))
def test_no_text_of_a_section_is_lost_or_moved(text: str) -> None:
    assert words_read(text) == words_of(text)


@given(st.text(max_size=200))
def test_any_text_can_be_parsed_into_blocks(text: str) -> None:
    assert words_read(text) == words_of(text)


def test_a_thousand_nested_levels_do_not_exhaust_the_stack() -> None:
    text = "\n".join(" " * (2 * step) + f"• {step}" for step in range(1000))
    assert words_read(text) == [str(step) for step in range(1000)]
    assert "999" in render(text)


def render(text: str) -> str:
    return render_to_string("offers/_blocks.html", {"blocks": parse_blocks(text)})


def test_lists_are_nested_in_the_html_and_everything_is_escaped() -> None:
    html = "".join(render("Voir <b> & :\n• un\n  • a").split())
    assert html == "<p>Voir&lt;b&gt;&amp;:</p><ul><li>un<ul><li>a</li></ul></li></ul>"
