"""A complete page: which parts are furniture, section, funder and short name, and which are doubtful."""

import pytest

from offers.page.parser import read_page

HEAD = (
    "N° 2027-020\nUnion des ponts\nDomaine : Génie\nDates du stage : Du 10 janvier au 7 juillet 2028\n"
    "Allocation : 15 000 $\nLieu : Rome, Italie\nDate limite : 1er octobre 2027\n"
)
ONCE = "La participation au programme est unique et non renouvelable."
PAID = "Ce stage est financé par la Ville."
MANDATE = "Mandat\nL’Union des ponts (UDP) relie.\n"
TASKS = "Tâches\n• Relier\n"
SKILLS = "Compétences\n• Nager\n"
ELIGIBLE = f"Admissibilité\n• {ONCE}\n"
CONTACT = "Nous joindre\na@exemple.org"


def points_of(*parts: str) -> list[tuple[str, str]]:
    return [(point.code, point.excerpt) for point in read_page("\n".join([HEAD, *parts])).points]


def test_missing_expected_sections_give_open_points_in_order() -> None:
    assert points_of(CONTACT) == [
        ("MANDATE_SECTION_MISSING", ""),
        ("TASKS_SECTION_MISSING", ""),
        ("SKILLS_SECTION_MISSING", ""),
        ("ELIGIBILITY_SECTION_MISSING", ""),
        ("ONCE_ONLY_MISSING", ""),
    ]


@pytest.mark.parametrize(
    "parts, points",
    [
        ((MANDATE, TASKS, SKILLS, ELIGIBLE, CONTACT), []),
        ((MANDATE, TASKS, SKILLS, ELIGIBLE), [("CONTACT_MISSING", "")]),
        ((MANDATE, TASKS, "Compétences\n", ELIGIBLE, CONTACT), [("SECTION_EMPTY", "Compétences")]),
        (
            (MANDATE, TASKS, "Compétences\nNote : nager.\n", ELIGIBLE, CONTACT),
            [("GRID_EMPTY", "")],
        ),
        (
            (MANDATE, TASKS, SKILLS, "Vélo\n\nBleu.\n", ELIGIBLE, f"\nNote\n\n{ONCE}\n", CONTACT),
            [("SECTION_NOT_RECOGNISED", "Vélo"), ("CRITERION_REPEATED", ONCE)],
        ),
        (
            ("\nUn mot perdu.\n\nUn autre.\n", MANDATE, TASKS, SKILLS, ELIGIBLE, CONTACT),
            [("TEXT_NOT_PLACED", "Un mot perdu."), ("TEXT_NOT_PLACED", "Un autre.")],
        ),
        (
            (MANDATE.replace("relie", "re\ufffdlie"), TASKS, SKILLS, ELIGIBLE, CONTACT),
            [("CHARACTER_LOST", "L’Union des ponts (UDP) re\ufffdlie.")],
        ),
        (
            (MANDATE, TASKS, SKILLS, ELIGIBLE, "Nous joindre\nUnité des ponts\n"),
            [("CONTACT_NOT_READ", "Unité des ponts")],
        ),
    ],
)
def test_each_doubt_about_the_parts_becomes_an_open_point(
    parts: tuple[str, ...], points: list[tuple[str, str]]
) -> None:
    assert points_of(*parts) == points


@pytest.mark.parametrize(
    "text, short",
    [
        ("L’Union des ponts (UDP) relie.", "UDP"),
        ("L’UNION DES PONTS (O.N.U.) relie.", "O.N.U."),
        ("L’Union des ponts (Udp) relie.", ""),
        ("L’Union des ponts (2027) relie.", ""),
        ("L’Union des ponts (U) relie.", ""),
        (f"L’Union des ponts ({'U' * 40}) relie.", "U" * 40),
        (f"L’Union des ponts ({'U' * 41}) relie.", ""),
        ("L’Union des ponts (U D) relie.", ""),
        ("L’Union\ndes ponts (UDP) relie.", "UDP"),
        ("L’Union des routes (UDR) relie.", ""),
        ("• L’Union des ponts (UDP) relie.", ""),
        ("Rien.\n\nL’Union des ponts (UDP), puis l’Union des ponts (XYZ).", "UDP"),
    ],
)
def test_a_short_name_follows_the_full_one_in_brackets(text: str, short: str) -> None:
    page = read_page(f"{HEAD}Mandat\n{text}\n\n{CONTACT}")
    assert page.header.organisation_short == short
    named = read_page(
        f"{HEAD}Mandat\n{text}\n\n{CONTACT}".replace("Union des ponts\n", "Union des ponts (PONTS)\n", 1)
    )
    assert named.header.organisation_short == "PONTS"


@pytest.mark.parametrize(
    "mandate, tasks, kept",
    [
        # The paragraph that only names the funder is a fact of the offer; a second occurrence is text.
        (f"Un.\n\n{PAID}\n\nDeux.", "Trois.", ["Un.\n\nDeux.", "Trois."]),
        (f"Un.\n\n{PAID}", f"{PAID}\n\nTrois.", ["Un.", f"{PAID}\n\nTrois."]),
        (f"Un. {PAID}", "Trois.", [f"Un. {PAID}", "Trois."]),
        (f"Un.\n\n• {PAID}", "Trois.", [f"Un.\n\n• {PAID}", "Trois."]),
    ],
)
def test_the_sentence_that_names_the_funder_is_left_out_of_the_text(
    mandate: str, tasks: str, kept: list[str]
) -> None:
    page = read_page(f"{HEAD}Mandat\n{mandate}\n\nTâches\n{tasks}\n\n{CONTACT}")
    assert [section.text for section in page.sections] == kept
