"""Parsing of a CSV file of assignments: header, rows, and each invalid line."""

import pytest

from intake.review.assignment.csv_import import COLUMNS, _rows

HEADER = "les colonnes sont numero et courriel, chacune une fois, et aucune autre"
QUOTES = "les guillemets ou les fins de ligne sont illisibles"
ONE = ("2031-001-000007-K", "ann@exemple.invalid")


@pytest.mark.parametrize(
    "text, rows, problems",
    [
        (f"numero,courriel\n{ONE[0]},{ONE[1]}\n", [(2, *ONE)], []),
        (f" Courriel ; NUMERO \n{ONE[1].upper()}; {ONE[0].lower()} \n", [(2, *ONE)], []),
        (f"\nnumero,courriel\n\n,\n{ONE[0]},{ONE[1]}", [(5, *ONE)], []),
        ("numero,courriel\n", [], []),
        ("", [], [(1, "", HEADER)]),
        ("\n\nnumero,nom\n", [], [(3, "", HEADER)]),
        ("numero,courriel,courriel\n", [], [(1, "", HEADER)]),
        ("numero\n", [], [(1, "", HEADER)]),
        ('numero,"courriel\n', [], [(1, "", QUOTES)]),
        (
            f"numero,courriel\nseule\n{ONE[0]},{ONE[1]}\na,b,c\n",
            [(3, *ONE)],
            [(2, "", "1\u00a0cellule au lieu de 2"), (4, "", "3\u00a0cellules au lieu de 2")],
        ),
        (f'numero,courriel\n{ONE[0]},{ONE[1]}\n"a,b\n', [(2, *ONE)], [(3, "", QUOTES)]),
    ],
)
def test_a_list_is_read_line_by_line(
    text: str, rows: list[tuple[int, str, str]], problems: list[tuple[int, str, str]]
) -> None:
    found, wrong = _rows(text)
    assert (found, [(each.line, each.column, each.words) for each in wrong]) == (rows, problems)
    assert COLUMNS == ("numero", "courriel")
