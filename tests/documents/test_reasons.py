"""Every refusal has a message with a remedy, in correct French typography."""

import re

import pytest

from intake.documents import reasons
from intake.documents.child.legibility import Legibility
from intake.documents.child.refusal import Reason

FACTS: dict[str, int | str] = {
    "max_pages": 3,
    "max_bytes": 10 * 1024 * 1024,
    "size": 12 * 1024 * 1024,
    "pages": 7,
    "detected": "OFFICE",
}
REMOVED = sorted(reasons._REMOVED_LABELS)


@pytest.mark.parametrize("code", list(Reason))
def test_a_refusal_states_the_cause_then_the_remedy(code: Reason) -> None:
    sentence = reasons.explain(code, FACTS)
    assert re.fullmatch(r".+[.] .+[.]", sentence)
    assert "%" not in sentence
    assert "'" not in sentence
    assert not re.search(r" [:;?!»]|« ", sentence), "an ordinary space where a non-breaking one belongs"


@pytest.mark.parametrize(
    "pages, limit, cause", [(2, 1, "Avec ce fichier, le document aurait 2 pages. La limite est de 1 page :")]
)
def test_pages_and_their_limit_agree_with_their_own_numbers(pages: int, limit: int, cause: str) -> None:
    sentence = reasons.explain(Reason.TOO_MANY_PAGES, {"pages": pages, "max_pages": limit, "joined": 1})
    assert sentence.replace("\u00a0", " ").startswith(cause)


def test_a_refusal_by_size_contains_both_sizes() -> None:
    assert "12 Mo ; la limite est de 10 Mo" in reasons.explain(Reason.TOO_LARGE, FACTS).replace("\u00a0", " ")


def test_a_size_just_over_the_limit_is_worded_differently_from_the_limit() -> None:
    sentence = reasons.explain(Reason.TOO_LARGE, {**FACTS, "size": 10 * 1024 * 1024 + 1}).replace(
        "\u00a0", " "
    )
    assert "fait un peu plus de 10 Mo ; la limite est de 10 Mo" in sentence


@pytest.mark.parametrize("code", list(Legibility))
def test_a_warning_names_its_pages_then_the_remedy(code: Legibility) -> None:
    (one,), (two,) = reasons.warned([f"{code}:2"]), reasons.warned([f"{code}:1", f"{code}:3"])
    assert "Page\u00a02\u00a0: " in one
    assert "Pages\u00a01 et 3\u00a0: " in two
    assert re.fullmatch(r".+[.] .+[.]", one)
    assert not re.search(r" [:;?!»]|« |'", one + two)


def test_a_page_may_have_several_warnings() -> None:
    said = reasons.warned(["CUT:1", "SMALL_TEXT:1", "CUT:2"])
    assert len(said) == 2
    assert reasons.warned(["CUT:3", "TOO_DARK:1", "CUT:4"]) == reasons.warned(
        ["TOO_DARK:1", "CUT:3", "CUT:4"]
    )
    assert reasons.accepted(2, (), ("CUT:1", "CUT:2")).endswith(reasons.warned(["CUT:1", "CUT:2"])[0])


FAMILIES = ["OFFICE", "ZIP", "IMAGE", "WEB", "PROGRAM", "OTHER"]


def test_each_family_of_refused_files_has_its_own_message() -> None:
    said = {reasons.explain(Reason.NOT_ACCEPTED_TYPE, {**FACTS, "detected": family}) for family in FAMILIES}
    assert len(said) == len(FAMILIES)


@pytest.mark.parametrize("code", REMOVED)
def test_removed_content_is_named_by_its_label(code: str) -> None:
    sentence = reasons.accepted(2, (code,))
    assert "2\u00a0pages" in sentence
    words = reasons._REMOVED_LABELS[code]()
    assert len(words) > 4
    assert f"retiré ces éléments\u00a0: {words}." in sentence
    assert "Vérifiez l’aperçu" in sentence


def test_removed_metadata_is_not_mentioned_in_the_message() -> None:
    assert (
        reasons.accepted(1, ("METADATA", "RESTRICTIONS", "EXTRA_BYTES"))
        == "Fichier accepté\u00a0: 1\u00a0page."
    )
