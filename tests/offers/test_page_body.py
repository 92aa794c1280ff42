"""The body of a page: contact, sections and grid, and the open points of each."""

import pytest

from offers.blocks import parse_blocks
from offers.page.contact import read_contact
from offers.page.grid import read_grid
from offers.page.lines import Line, split_lines
from offers.page.parts import Contact, Point
from offers.page.sections import Part, split_parts, to_text


# -- The contact -----------------------------------------------------------------------------------------------
def contact_of(*lines: str) -> tuple[Contact | None, list[tuple[str, str]]]:
    points: list[Point] = []
    part = Part(kind="CONTACT", title="Nous joindre", lines=list(split_lines("\n".join(lines) or " .")))
    found = read_contact([part], points)
    return found, [(point.code, point.excerpt) for point in points]


def contact_values(contact: Contact | None) -> tuple[str, ...] | None:
    if contact is None:
        return None
    return contact.unit, contact.phone, contact.extension, contact.email


CONTACTS: list[tuple[list[str], tuple[str, ...] | None, list[tuple[str, str]]]] = [
    (
        ["Unité des ponts", "", "Tél. : 418 555-0100, poste 7", "Courriel : A.b+c@ponts.Exemple.org"],
        ("Unité des ponts", "418 555-0100", "7", "A.b+c@ponts.Exemple.org"),
        [],
    ),
    (["Unité des ponts, a@exemple.org"], ("Unité des ponts", "", "", "a@exemple.org"), []),
    (["Unité des ponts — 418 555-0100 ext. 12"], ("Unité des ponts", "418 555-0100", "12", ""), []),
    (
        ["Écrivez à a@exemple.org avant midi"],
        ("", "", "", "a@exemple.org"),
        [("TEXT_NOT_PLACED", "Écrivez à a@exemple.org avant midi")],
    ),
    (
        ["Ministère des Relations internationales et de la Francophonie", "a@exemple.org"],
        ("", "", "", "a@exemple.org"),
        [],
    ),
    (
        ["a@exemple.org", "b@exemple.org"],
        ("", "", "", "a@exemple.org"),
        [("TEXT_NOT_PLACED", "b@exemple.org")],
    ),
    (
        ["418 555-0100", "Télécopieur : 418 555-0101"],
        ("", "418 555-0100", "", ""),
        [("TEXT_NOT_PLACED", "Télécopieur : 418 555-0101")],
    ),
    (
        ["a@exemple.org", "Bureau 12"],
        ("", "", "", "a@exemple.org"),
        [("TEXT_NOT_PLACED", "Bureau 12")],
    ),
    (["Unité des ponts"], ("Unité des ponts", "", "", ""), [("CONTACT_NOT_READ", "Unité des ponts")]),
    (
        ["Une phrase."],
        None,
        [("TEXT_NOT_PLACED", "Une phrase."), ("CONTACT_MISSING", "Nous joindre")],
    ),
    (["A" * 120, "a@exemple.org"], ("A" * 120, "", "", "a@exemple.org"), []),
    (
        ["A" * 121, "a@exemple.org"],
        ("", "", "", "a@exemple.org"),
        [("TEXT_NOT_PLACED", "A" * 121)],
    ),
    (
        ["A" * 120, "B" * 120, "C" * 20, "a@exemple.org"],
        ("", "", "", "a@exemple.org"),
        [("TEXT_NOT_PLACED", f"{'A' * 120}, {'B' * 120}, {'C' * 20}")],
    ),
    ([f"{'a' * 490}@b.org"], None, [("TEXT_NOT_PLACED", f"{'a' * 490}@b.org")]),
]


@pytest.mark.parametrize("lines, contact, points", CONTACTS)
def test_a_contact_is_read_as_unit_telephone_and_address(
    lines: list[str], contact: tuple[str, ...] | None, points: list[tuple[str, str]]
) -> None:
    found, left = contact_of(*lines)
    assert contact_values(found) == contact
    missing = [("CONTACT_MISSING", "Nous joindre")] if contact is None else []
    assert left == (points if points[-1:] == missing else points + missing)


# -- The parts -------------------------------------------------------------------------------------------------
def parts_of(text: str) -> list[tuple[str, str, list[str], bool]]:
    return [
        (part.kind, part.title, [line.text for line in part.lines if line.text], part.is_note_on_eligibility)
        for part in split_parts(split_lines(text))
    ]


def test_a_body_is_split_at_its_titles_without_loss() -> None:
    assert parts_of(
        "En raison de la COVID-19, à distance.\n\nMandat :\nUn texte.\n\nAvantages\n\nUn vélo.\n\nAdmissibilité\n"
        "• Avantages\n\nNote\n\nUne fois.\n\nNous joindre\n\nUnité des ponts\n\na@exemple.org\n\nFin"
    ) == [
        ("HEALTH", "", ["En raison de la COVID-19, à distance."], False),
        ("MANDATE", "Mandat", ["Un texte."], False),
        ("OTHER", "Avantages", ["Un vélo."], False),
        ("ELIGIBILITY", "Admissibilité", ["• Avantages"], False),
        ("OTHER", "Note", ["Une fois."], True),
        ("CONTACT", "Nous joindre", ["Unité des ponts", "a@exemple.org", "Fin"], False),
    ]


@pytest.mark.parametrize(
    "text, titles",
    [
        ("Mandat\nAvantages\nUn vélo.", ["Mandat"]),
        ("Mandat\n\nAvantages\nUn vélo.", ["Mandat"]),
        ("Mandat\n\nAvantages\n\n", ["Mandat"]),
        ("Avantages\n\nUn vélo.", ["Avantages"]),
        ("Un vélo.\n\nAvantages", [""]),
        ("\n\n", []),
    ],
)
def test_only_a_separate_line_above_text_is_a_title(text: str, titles: list[str]) -> None:
    lines = tuple(Line(number, row) for number, row in enumerate(text.split("\n"), start=1))
    assert [part.title for part in split_parts(lines)] == titles


@pytest.mark.parametrize(
    "text, blocks",
    [
        ("- Nager\nou plonger\nEnsuite.", "• Nager ou plonger\n\nEnsuite."),
        ("* Nager\n  Ensuite.", "• Nager Ensuite."),
        ("* Nager\n\n  Ensuite.", "• Nager\n\nEnsuite."),
        ("* Nager\n\nensuite.", "• Nager\n\nensuite."),
        ("1. Nager\n    - Plonger\nloin\n2. Ramer", "• 1. Nager\n  • Plonger loin\n• 2. Ramer"),
        ("Un.\nDeux.\n\nTrois.", "Un.\nDeux.\n\nTrois."),
    ],
)
def test_a_part_is_written_with_one_bullet_and_rejoined_elements(text: str, blocks: str) -> None:
    assert to_text(Part("OTHER", "Titre", list(split_lines(text))).blocks) == blocks


@pytest.mark.parametrize(
    "text, lines",
    [
        (
            "• Nager :\n  • loin;\n    • très loin;\n  • vite",
            [("Nager : loin ; très loin ; vite", "REQUIRED")],
        ),
        ("• Seraient un atout :\n  • nager\n  • ramer", [("Seraient un atout : nager ramer", "ASSET")]),
        ("Atouts :\n\n• Nager\n\nExigences :\n\n• Ramer", [("Nager", "ASSET"), ("Ramer", "REQUIRED")]),
        (
            "Nager. Ramer est un atout. Voler !",
            [("Nager. Voler !", "REQUIRED"), ("Ramer est un atout.", "ASSET")],
        ),
        (
            "• Nager (voler serait un plus) bien",
            [("Nager bien", "REQUIRED"), ("voler serait un plus", "ASSET")],
        ),
        ("• Nager (c’est un avantage)", [("Nager (c’est un avantage)", "ASSET")]),
        ("N.B. : nager.\nÀ noter : ramer.", []),
        ("• Parler russe ; atout", [("Parler russe", "REQUIRED"), ("atout", "ASSET")]),
        ("• Nager :\n  • loin (atout) ;", [("Nager :", "REQUIRED"), ("loin (atout)", "ASSET")]),
    ],
)
def test_the_grid_separates_required_skills_from_assets(text: str, lines: list[tuple[str, str]]) -> None:
    found = read_grid(parse_blocks(text))
    assert [(line.text.replace("\u00a0", " "), line.requirement) for line in found] == lines
