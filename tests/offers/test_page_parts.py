"""Parsers of a page's pieces, one by one: days, amounts, numbers, places, lines, titles."""

from datetime import date
from decimal import Decimal

import pytest

from offers.page.criteria.sentence import value_of
from offers.page.dates import ParsedDays, read_day, read_days
from offers.page.header_values import Allowance, Place, read_allowance, read_place
from offers.page.lines import Line, fold, is_boilerplate, sentences_of, split_lines, squash
from offers.page.parser import read_funder
from offers.page.parts import PageUnreadableError, Point, Problem
from offers.page.sections import kind_of_known_title, kind_of_likely_title

MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre"),
    *("novembre", "décembre"),
)
SHORT = {
    "janv.": 1,
    "févr.": 2,
    "fév.": 2,
    "avr.": 4,
    "juil.": 7,
    "sept.": 9,
    "oct.": 10,
    "nov.": 11,
    "déc.": 12,
}


# -- Days ------------------------------------------------------------------------------------------------------
def test_each_month_is_read_by_its_name_and_by_its_short_names() -> None:
    named = {name: month for month, name in enumerate(MONTHS, start=1)} | SHORT
    read = {name: read_day(f"3 {name} 2027", field="DEADLINE", line=1) for name in named}
    assert {name: one.days for name, one in read.items()} == {
        name: (date(2027, month, 3),) for name, month in named.items()
    }
    assert {one.rest for one in read.values()} == {""}


@pytest.mark.parametrize(
    "printed, on, rest, differs",
    [
        ("4 octobre 2027", date(2027, 10, 4), "", False),
        ("lundi 4 octobre 2027", date(2027, 10, 4), "", False),
        ("mardi 4 octobre 2027", date(2027, 10, 4), "", True),
        ("dimanche, 10 octobre 2027", date(2027, 10, 10), "", False),
        ("samedi 10 octobre 2027", date(2027, 10, 10), "", True),
        ("Le premier octobre 2027", date(2027, 10, 1), "", False),
        ("1er octobre 2027", date(2027, 10, 1), "", False),
        ("1 er octobre 2027", date(2027, 10, 1), "", False),
        ("au plus tard le 31 octobre 2027 à midi", date(2027, 10, 31), " a midi", False),
        ("jusqu’au 30 octobre 2027, 17 h", date(2027, 10, 30), ", 17 h", False),
        ("2027-10-05", date(2027, 10, 5), "", False),
        ("lundi 2027-10-05 (matin)", date(2027, 10, 5), " (matin)", True),
    ],
)
def test_one_day_is_parsed_with_the_text_after_it(printed: str, on: date, rest: str, differs: bool) -> None:  # noqa: FBT001 -- a column of the table
    assert read_day(printed, field="DEADLINE", line=1) == ParsedDays((on,), rest, weekday_differs=differs)


@pytest.mark.parametrize(
    "printed, first, last, rest",
    [
        ("Du 4 octobre 2027 au 5 mars 2028", (2027, 10, 4), (2028, 3, 5), ""),
        # A missing year is the one in which the stage starts before it ends.
        ("Du 4 octobre au 5 mars 2028", (2027, 10, 4), (2028, 3, 5), ""),
        ("Du 4 octobre 2027 au 5 mars", (2027, 10, 4), (2028, 3, 5), ""),
        ("Du 4 mars au 5 octobre 2027", (2027, 3, 4), (2027, 10, 5), ""),
        ("Du 4 mars 2027 au 5 octobre", (2027, 3, 4), (2027, 10, 5), ""),
        ("Du 5 mars au 4 mars 2028", (2027, 3, 5), (2028, 3, 4), ""),
        ("Du 4 au 29 octobre 2027", (2027, 10, 4), (2027, 10, 29), ""),
        ("entre le 4 et le 29 octobre 2027 (4 semaines)", (2027, 10, 4), (2027, 10, 29), " (4 semaines)"),
        ("premier octobre - 29 octobre 2027", (2027, 10, 1), (2027, 10, 29), ""),
        ("4 octobre 2027 jusqu’au 5 mars 2028", (2027, 10, 4), (2028, 3, 5), ""),
        ("2027-10-04 au 2028-03-05", (2027, 10, 4), (2028, 3, 5), ""),
        ("4 octobre au 2028-03-05", (2027, 10, 4), (2028, 3, 5), ""),
        ("2027-10-04 au 5 mars", (2027, 10, 4), (2028, 3, 5), ""),
    ],
)
def test_a_range_of_days_shares_its_month_and_year(
    printed: str, first: tuple[int, int, int], last: tuple[int, int, int], rest: str
) -> None:
    read = read_days(printed, field="DATES", line=1)
    assert read == ParsedDays((date(*first), date(*last)), rest, weekday_differs=False)


@pytest.mark.parametrize(
    "printed, differs",
    [
        ("Du lundi 4 octobre au vendredi 29 octobre 2027", False),
        ("Du mardi 4 octobre au vendredi 29 octobre 2027", True),
        ("Du lundi 4 octobre au samedi 29 octobre 2027", True),
    ],
)
def test_a_wrong_weekday_of_either_day_is_reported(printed: str, differs: bool) -> None:  # noqa: FBT001 -- a column of the table
    assert read_days(printed, field="DATES", line=1).weekday_differs is differs


@pytest.mark.parametrize(
    "printed, problem",
    [
        ("", Problem.NOT_READ),
        ("bientôt", Problem.NOT_READ),
        ("4 octobre 2027", Problem.NOT_READ),
        ("4 octobre au 5", Problem.NOT_READ),
        ("4 octobre au 5 mars", Problem.NOT_READ),
        ("4 octobre 2027 au 31 avril 2028", Problem.NO_SUCH_DAY),
        ("31 novembre 2027 au 5 mars 2028", Problem.NO_SUCH_DAY),
        ("2027-13-01 au 5 mars 2028", Problem.NO_SUCH_DAY),
        ("4 octobre 2027 au 4 octobre 2027", Problem.ENDS_BEFORE_START),
        ("4 octobre 2027 au 3 octobre 2027", Problem.ENDS_BEFORE_START),
    ],
)
def test_an_invalid_pair_of_days_is_refused_with_its_text(printed: str, problem: Problem) -> None:
    with pytest.raises(PageUnreadableError) as refusal:
        read_days(printed, field="DATES", line=7)
    error = refusal.value
    assert (error.problem, error.field, error.line, error.excerpt) == (problem, "DATES", 7, printed)


# -- Numbers ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written, value",
    [
        ("un", 1),
        ("dix-sept", 17),
        ("vingt et un", 21),
        ("soixante-et-onze", 71),
        ("quatre-vingts", 80),
        ("quatre-vingt-dix-neuf", 99),
        ("cent vingt", 120),
        ("0", 0),
        ("007", 7),
        ("120", 120),
        ("six (6)", 6),
        ("six(6)", 6),
        ("six (7)", None),
        ("6 (6)", 6),
        ("beaucoup", None),
        ("beaucoup (3)", None),
    ],
)
def test_a_number_is_read_from_its_name_or_from_digits_that_agree(written: str, value: int | None) -> None:
    assert value_of(written) == value


# -- Amounts ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "printed, least, most, currency, rest",
    [
        ("15 000,50 $", "15000.50", "15000.50", "CAD", ""),
        ("1 234 567 $ par stage", "1234567", "1234567", "CAD", "par stage"),
        ("13.000 à 15.000 euros", "13000", "15000", "EUR", ""),
        ("13 000 $ à 15 000 $ CA", "13000", "15000", "CAD", ""),
        ("13 000 $ - 13 000 $", "13000", "13000", "CAD", ""),
        ("entre 13 000 et 15 000 francs suisses", "13000", "15000", "CHF", ""),
        ("15 000 CHF", "15000", "15000", "CHF", ""),
        ("15 000 $ US", "15000", "15000", "USD", ""),
        ("15 000 USD", "15000", "15000", "USD", ""),
        ("15 000 dollars américains", "15000", "15000", "USD", ""),
        ("15 000 dollars canadiens.", "15000", "15000", "CAD", "."),
        ("15 000 €", "15000", "15000", "EUR", ""),
        ("9 999 999,99 $", "9999999.99", "9999999.99", "CAD", ""),
    ],
)
def test_an_allowance_is_parsed_with_its_currency_and_the_text_after_it(
    printed: str, least: str, most: str, currency: str, rest: str
) -> None:
    assert read_allowance(printed) == Allowance(Decimal(least), Decimal(most), currency, rest)


@pytest.mark.parametrize(
    "printed",
    [
        "",
        "à venir",
        "15 000",
        "13 000 à 15 000",
        "15 000 $ à 13 000 $",
        "13 000 € à 15 000 $",
        "10 000 000 $",
        "de 15 000 $",
    ],
)
def test_an_allowance_requires_one_or_two_amounts_of_one_currency(printed: str) -> None:
    assert read_allowance(printed) is None


# -- Places ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "printed, name, remote, understood",
    [
        ("Paris,  France", "Paris, France", False, True),
        ("Sans objet", "Sans objet", False, True),
        ("Télétravail", "Télétravail", True, True),
        ("En présentiel", "En présentiel", False, True),
        ("En présentiel : Rome, Italie", "Rome, Italie", False, True),
        ("Rome, Italie (à distance possible)", "Rome, Italie", True, True),
        ("Stage virtuel, Rome", "Rome", True, True),
        ("Rome ou en distanciel", "Rome", True, True),
        ("Rome (télétravail si la situation sanitaire l’exige)", "Rome", True, True),
        ("Rome (hybride selon l’évolution de la situation sanitaire)", "Rome", True, True),
        ("Télétravail impossible, Rome", "Télétravail impossible, Rome", False, False),
        ("Rome, pas de télétravail", "Rome, pas de télétravail", False, False),
        ("Rome, télétravail le lundi", "Rome, télétravail le lundi", True, False),
        ("Rome (Italie), hybride", "Rome (Italie), hybride", True, False),
    ],
)
def test_a_place_is_parsed_without_the_way_of_working(
    printed: str,
    name: str,
    remote: bool,  # noqa: FBT001 -- a column of the table
    understood: bool,  # noqa: FBT001 -- a column of the table
) -> None:
    assert read_place(printed) == Place(name, remote_possible=remote, is_understood=understood)


# -- Lines -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, with_bullet",
    [
        ("• Nager", "• Nager"),
        ("  ▪ Nager", "  • Nager"),
        ("*Nager", "• Nager"),
        ("- Nager", "• Nager"),
        ("-Nager", None),
        ("o\tNager", "• Nager"),
        ("o Nager", None),
        ("  1. Nager", "  • 1. Nager"),
        ("12) Nager", "• 12) Nager"),
        ("123) Nager", None),
        ("b) Nager", "• b) Nager"),
        ("1.", None),
        ("•", None),
        ("Nager", None),
    ],
)
def test_a_list_item_is_recognised_by_its_bullet_or_number(text: str, with_bullet: str | None) -> None:
    line = Line(1, text)
    assert line.is_bullet is (with_bullet is not None)
    if with_bullet is not None:
        assert line.with_bullet == with_bullet


def test_lines_keep_their_numbers_and_lose_invisible_characters() -> None:
    lines = split_lines("\ufeffUn\u00ad ~1 \r\n\r\n  Deux\u2028Trois\u200b\rQuatre")
    assert [(line.number, line.text) for line in lines] == [
        (1, "Un ~1"),
        (2, ""),
        (3, "  Deux"),
        (3, "Trois"),
        (4, "Quatre"),
    ]
    assert (lines[2].content, lines[2].folded) == ("Deux", "deux")
    assert split_lines("e\u0301te\u0301")[0].text == "été"
    assert squash(" a \t\n b\u00a0c ") == "a b c"


@pytest.mark.parametrize(
    "text, problem, line, excerpt",
    [
        ("\u200b \n", Problem.EMPTY, None, ""),
        ("Un\nDeux\x07", Problem.CONTROL_CHARACTER, 2, ""),
        ("Un\n\nTrois \udc80", Problem.CONTROL_CHARACTER, 3, ""),
        ("Un\n  DÃ©jÃ   vu", Problem.MOJIBAKE, 2, "DÃ©jÃ vu"),
        *((f"l'Ã{mark}tat", Problem.MOJIBAKE, 1, f"l'Ã{mark}tat") for mark in "‰ˆŠ‡€"),
        ("lâ€™eau", Problem.MOJIBAKE, 1, "lâ€™eau"),
        ("NÂ° 3", Problem.MOJIBAKE, 1, "NÂ° 3"),
    ],
)
def test_a_damaged_text_is_refused_with_its_line(
    text: str, problem: Problem, line: int | None, excerpt: str
) -> None:
    with pytest.raises(PageUnreadableError) as refusal:
        split_lines(text)
    error = refusal.value
    assert (error.problem, error.field, error.line, error.excerpt) == (problem, "", line, excerpt)


def test_sentences_are_split_before_a_capital_without_their_number() -> None:
    assert sentences_of("1. Nager. Ramer ! « Oui ? » Non. et 2 fois. Être là.") == [
        "Nager.",
        "Ramer !",
        "« Oui ? » Non. et 2 fois.",
        "Être là.",
    ]
    assert [
        " ".join(sentences_of(text))
        for text in ("a) Nager", "B. Nager", "123. Nager", "ab) Nager", "1.Nager")
    ] == [
        "Nager",
        "Nager",
        "123. Nager",
        "ab) Nager",
        "1.Nager",
    ]


# -- Furniture, titles, funders -----------------------------------------------------------------------------
@pytest.mark.parametrize(
    "folded, is_the_sites",
    [
        ("logo du gouvernement du quebec. bouton pour ouvrir ou fermer la recherche.", True),
        ("passer au contenu", True),
        ("retour a la liste des offres", True),
        ("haut de page", True),
        ("derniere mise a jour : 3 mai 2024", True),
        ("mise a jour : 2024-05-03", True),
        ("imprimer cette page", True),
        ("english", True),
        ("© gouvernement du quebec, 2024", True),
        ("offres de stage", True),
        ("accueil / emploi > stages", True),
        ("accueil", False),
        ("accueil / offre 3", False),
        ("menu du jour", False),
        ("imprimer", True),
        ("imprimer" + " imprimer" * 55, False),
        ("", False),
    ],
)
def test_each_boilerplate_line_of_the_site_is_recognised(folded: str, is_the_sites: bool) -> None:  # noqa: FBT001 -- a column of the table
    assert is_boilerplate(folded) is is_the_sites


@pytest.mark.parametrize(
    "title, kind",
    [
        ("mandat de l'organisation", "MANDATE"),
        ("l'organisation", "MANDATE"),
        ("description des taches et des responsabilites :", "TASKS"),
        ("competences et experience requises", "SKILLS"),
        ("profil recherche", "SKILLS"),
        ("conditions d'admissibilite", "ELIGIBILITY"),
        ("covid-19", "HEALTH"),
        ("nous joindre", "CONTACT"),
        ("pour toute question relative au stage", "CONTACT"),
        ("mandat du comite", None),
        ("", None),
    ],
)
def test_each_title_of_the_programme_has_its_kind(title: str, kind: str | None) -> None:
    assert kind_of_known_title(title) == kind


@pytest.mark.parametrize(
    "content, kind",
    [
        ("Mesures sanitaires", "HEALTH"),
        ("Règles d’admissibilité", "ELIGIBILITY"),
        ("Profil de la personne", "SKILLS"),
        ("Vos tâches", "TASKS"),
        ("Mandat du comité", "MANDATE"),
        ("Personne-ressource", "CONTACT"),
        ("Avantages", "OTHER"),
        ("Note", "OTHER"),
        ("N.B. :", "OTHER"),
        ("Avantages :", None),
        ("Vos tâches :", "TASKS"),
        ("Un deux trois tâches :", "TASKS"),
        ("Un deux trois quatre tâches :", None),
        ("avantages", None),
        ("Avantages.", None),
        ("Avantages, et plus", None),
        ("a@exemple.invalid", None),
        ("A@exemple", None),
        ("Vous apprendrez", None),
        ("Rédiger", None),
        ("S'inscrire au stage", None),
        ("A" * 120, "OTHER"),
        ("A" * 121, None),
    ],
)
def test_a_separate_line_is_a_title_or_a_sentence(content: str, kind: str | None) -> None:
    assert kind_of_likely_title(content, squash(fold(content))) == kind


PAID = "Ce stage est financé par l’Agence des eaux."


@pytest.mark.parametrize(
    "sentences, funder, alone, points",
    [
        ([], "", "", []),
        (["Rien ici."], "", "", []),
        ([PAID], "Agence des eaux", PAID, []),
        ([PAID, PAID], "Agence des eaux", PAID, []),
        (["En effet, ce stage est financé par la Ville."], "Ville", "", []),
        (["Ce stage est financé en partie par la Ville"], "Ville", "", []),
        (["Ce stage est entièrement financé par la Ville."], "Ville", "", []),
        (
            ["Le stage est offert grâce au soutien financier de la Ville."],
            "Ville",
            "Le stage est offert grâce au soutien financier de la Ville.",
            [],
        ),
        (["Plus tard, le financement de ce stage provient de la Ville."], "Ville", "", []),
        (
            [PAID, "Ce stage est financé par la Ville."],
            "Agence des eaux",
            PAID,
            ["Ce stage est financé par la Ville."],
        ),
        (["Le stage a un financement privé."], "", "", ["Le stage a un financement privé."]),
        (["Le financement du stage reste à trouver."], "", "", ["Le financement du stage reste à trouver."]),
        ([f"Ce stage est financé par {'x' * 250}."], "x" * 250, f"Ce stage est financé par {'x' * 250}.", []),
        ([f"Ce stage est financé par {'x' * 251}."], "", "", [f"Ce stage est financé par {'x' * 251}."]),
        ([f"{PAID} {'x' * 480}"], "", "", []),
    ],
)
def test_a_funder_not_read_gives_an_open_point(
    sentences: list[str], funder: str, alone: str, points: list[str]
) -> None:
    left: list[Point] = []
    assert read_funder(sentences, left) == (funder, alone)
    assert left == [Point("FUNDER_NOT_READ", text) for text in points]
