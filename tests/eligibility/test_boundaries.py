"""Examples at the boundaries: those of offer 2023-020, and properties for every rulebook."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings

from eligibility import Facts, Outcome, Rulebook
from eligibility.boundaries import BoundaryTable, Example, boundary_table
from eligibility.codec import rulebook_from_json
from tests.eligibility import strategies
from tests.eligibility.examples import criterion, rulebook_with

patient = settings(deadline=None)
MET, NOT_MET, HUMAN = Outcome.MET, Outcome.NOT_MET, Outcome.HUMAN


def table(one: dict[str, Any], **days: str) -> BoundaryTable:
    """Return the examples of one criterion, with the days of offer 2023-020 unless `days` gives others."""
    rulebook: Rulebook = rulebook_from_json(rulebook_with(days, criteria=[one]))
    return boundary_table(rulebook.criteria[0], rulebook.days)


def examples_of(found: BoundaryTable) -> list[Example]:
    """Return the examples of a criterion in the order in which a table shows them."""
    pairs = [example for each in found.boundaries for example in (each.before, each.after)]
    return [*pairs, *found.answers]


def _answer_and_outcome(example: Example) -> tuple[Any, Outcome]:
    """Return the answer that an example varies, and its outcome."""
    facts = example.facts
    if facts.studies is not None:
        if not facts.studies:
            told: Any = ("BAR",) * bool(facts.bar_school) + ("ORDER",) * bool(facts.professional_order_stage)
        else:
            (study,) = facts.studies
            told = tuple(str(part) for part in (study.level, study.completed_on or study.expected_on) if part)
    else:
        told = next((str(value) for value in facts.as_json().values() if value is not None), None)
    return told, example.finding.outcome


def answers_and_outcomes(one: dict[str, Any], **days: str) -> tuple[list[Any], list[Any]]:
    found = table(one, **days)
    pairs = [
        _answer_and_outcome(example) for each in found.boundaries for example in (each.before, each.after)
    ]
    return pairs, [_answer_and_outcome(example) for example in found.answers]


# -- The offer 2023-020 --------------------------------------------------------------------------------------
def test_the_age_criterion_changes_on_the_birthdays_of_the_offer() -> None:
    pairs, answers = answers_and_outcomes(criterion("AGE"))
    assert pairs == [
        ("1988-01-15", NOT_MET),
        ("1988-01-16", MET),
        ("2006-01-15", MET),
        ("2006-01-16", NOT_MET),
    ]
    assert answers == [("1988-02-29", MET)]


def test_the_studies_criterion_changes_at_both_ends_of_each_window() -> None:
    pairs, answers = answers_and_outcomes(criterion("STUDIES"))
    assert pairs == [
        (("MASTER", "2022-01-14"), NOT_MET),
        (("MASTER", "2022-01-15"), MET),
        (("GRADUATE_DIPLOMA", "2022-01-14"), NOT_MET),
        (("GRADUATE_DIPLOMA", "2022-01-15"), HUMAN),
        (("GRADUATE_DIPLOMA", "2024-01-14"), HUMAN),
        (("GRADUATE_DIPLOMA", "2024-01-15"), MET),
        (("MASTER", "2023-09-30"), HUMAN),
        (("MASTER", "2023-10-01"), MET),
        (("MASTER", "2025-01-15"), MET),
        (("MASTER", "2025-01-16"), HUMAN),
    ]
    assert answers == [
        (("MASTER", "2024-01-14"), MET),
        (("MASTER", "2024-01-15"), MET),
        (("DOCTORATE",), MET),
        (("BACHELOR",), NOT_MET),
        (("BAR",), MET),
        (("ORDER",), MET),
        ((), NOT_MET),
    ]


@pytest.mark.parametrize("branch, shown", [("bar_school", "BAR"), ("professional_order_stage", "ORDER")])
def test_an_example_of_a_removed_branch_is_refused(branch: str, shown: str) -> None:
    _pairs, answers = answers_and_outcomes(criterion("STUDIES", **{branch: False}))
    other = {"BAR": "ORDER", "ORDER": "BAR"}[shown]
    assert dict(answers)[(shown,)] is NOT_MET
    assert dict(answers)[(other,)] is MET


def test_the_residence_criterion_changes_the_day_after_its_last_day() -> None:
    found = table(criterion("RESIDENCE"))
    assert answers_and_outcomes(criterion("RESIDENCE"))[0] == [("2022-10-01", MET), ("2022-10-02", NOT_MET)]
    assert [
        (answer.facts.resident_for_health_insurance, answer.facts.resident_for_tax, answer.finding.outcome)
        for answer in found.answers
    ] == [(False, True, NOT_MET), (True, False, NOT_MET)]


@pytest.mark.parametrize(
    "one, answers",
    [
        (
            criterion("LEGAL_STATUS"),
            [("CITIZEN", MET), ("PERMANENT_RESIDENT", MET), ("TEMPORARY_PERMIT", NOT_MET)],
        ),
        (criterion("DOMICILE"), [("QC", MET), ("ON", NOT_MET)]),
        (criterion("DOMICILE", provinces=["ON"]), [("ON", MET), ("NB", NOT_MET)]),
        (
            criterion("WRITING"),
            [
                ("{'fr': True, 'en': True}", MET),
                ("{'fr': False, 'en': True}", NOT_MET),
                ("{'fr': True, 'en': False}", NOT_MET),
            ],
        ),
        (criterion("SKILLS"), [("True", MET), ("False", NOT_MET)]),
        (criterion("ONCE_ONLY"), [("False", MET), ("True", NOT_MET), ("False", HUMAN)]),
        (criterion("OTHER"), [(None, HUMAN)]),
    ],
)
def test_each_accepted_answer_has_an_example_beside_a_refused_one(
    one: dict[str, Any], answers: list[Any]
) -> None:
    assert answers_and_outcomes(one) == ([], answers)


def answered(example: Example) -> dict[str, Any]:
    """Return the known facts of an example, and the known values of its studies."""
    said = {name: value for name, value in example.facts.as_json().items() if value is not None}
    if "studies" in said:
        said["studies"] = [
            {name: value for name, value in study.items() if value is not None}
            for study in said["studies"]  # type: ignore[attr-defined]  # -- a list of objects, by construction
        ]
    return said


@pytest.mark.parametrize(
    "accepted, other", [(["QC"], "ON"), (["ON"], "NB"), (["ON", "NB"], "QC"), (["ON", "NB", "QC"], "BC")]
)
def test_the_refused_example_is_the_likeliest_province_not_accepted(accepted: list[str], other: str) -> None:
    examples = examples_of(table(criterion("DOMICILE", provinces=accepted)))
    assert [answered(one) for one in examples] == [{"domicile_province": code} for code in (*accepted, other)]


@pytest.mark.parametrize(
    "starts_on, leap_days",
    [
        # 18 and 35 years old in that year: people born in a leap year get the example of 29 February.
        ("2024-01-15", ["1988-02-29"]),
        ("2026-01-15", ["2008-02-29"]),
        ("2023-01-15", ["1988-02-29"]),
        ("2018-01-15", ["2000-02-29"]),
        ("1918-01-15", []),
        ("1935-01-15", []),
        ("2025-01-15", []),
    ],
)
def test_a_leap_day_example_is_given_only_in_the_limit_years(starts_on: str, leap_days: list[str]) -> None:
    maximum = {"2024-01-15": 35}.get(starts_on, 34)
    answers = table(criterion("AGE", maximum=maximum), starts_on=starts_on).answers
    assert [answered(one)["birth_date"] for one in answers] == leap_days


def test_at_the_edges_of_the_calendar_no_boundary_is_given() -> None:
    first = {"starts_on": "0001-01-01", "closes_on": "0001-01-01"}
    last = {"starts_on": "9999-12-31", "closes_on": "9999-12-31"}
    assert table(criterion("AGE"), **first).boundaries == ()
    assert table(criterion("RESIDENCE"), **first).boundaries == ()
    late = table(criterion("RESIDENCE", months=0), **last)
    assert (late.boundaries, [answered(one)["quebec_resident_since"] for one in late.answers]) == (
        (),
        ["9999-12-31"] * 3,
    )
    early = table(criterion("STUDIES"), **first)
    assert [answered(one)["studies"][0].get("completed_on") for one in early.answers[:2]] == [
        "0001-01-01",
        None,
    ]


# -- Every rulebook --------------------------------------------------------------------------------------------
def _days_of(facts: Facts) -> list[date]:
    (study,) = facts.studies or (None,)
    of_study = (study.completed_on, study.expected_on) if study else ()
    return [day for day in (facts.birth_date, facts.quebec_resident_since, *of_study) if day]


def _without_days(facts: Facts) -> Facts:
    studies = facts.studies and tuple(
        replace(study, completed_on=None, expected_on=None) for study in facts.studies
    )
    return replace(facts, birth_date=None, quebec_resident_since=None, studies=studies)


@patient
@given(rulebook=strategies.rulebooks)
def test_both_sides_of_a_boundary_differ_by_one_day_and_by_their_outcome(rulebook: dict[str, Any]) -> None:
    rules = rulebook_from_json(rulebook)
    for each in rules.criteria:
        for boundary in boundary_table(each, rules.days).boundaries:
            (before,), (after,) = _days_of(boundary.before.facts), _days_of(boundary.after.facts)
            assert after - before == timedelta(days=1)
            assert _without_days(boundary.before.facts) == _without_days(boundary.after.facts)
            assert boundary.before.finding.outcome is not boundary.after.finding.outcome


@patient
@given(rulebook=strategies.rulebooks)
def test_every_example_has_its_evaluated_finding_and_is_unique(rulebook: dict[str, Any]) -> None:
    rules = rulebook_from_json(rulebook)
    for each in rules.criteria:
        examples = examples_of(boundary_table(each, rules.days))
        assert all(example.finding == each.evaluate(example.facts, rules.days) for example in examples)
        answers = boundary_table(each, rules.days).answers
        shown = [example.facts.digest for example in answers]
        assert len(shown) == len(set(shown))
        assert examples or each.kind == "AGE"  # an age beyond the calendar has no boundary


@patient
@given(rulebook=strategies.rulebooks_of(strategies.age_criteria.map(lambda one: [one])))
def test_the_age_criterion_changes_on_no_other_day(rulebook: dict[str, Any]) -> None:
    rules = rulebook_from_json(rulebook)
    (age,) = rules.criteria
    turned = {example.after.facts.birth_date for example in boundary_table(age, rules.days).boundaries}
    on = rules.days.named(age.on)  # type: ignore[attr-defined]  # -- an Age, by construction
    for years in range(45):
        try:
            birthday = on.replace(year=on.year - years)
        except ValueError:
            continue
        for day in (birthday + timedelta(days=shift) for shift in (-1, 0, 1) if birthday != date.min):
            if day == date.min or day > date.max - timedelta(days=2):
                continue
            here = age.evaluate(Facts(birth_date=day), rules.days).outcome
            before = age.evaluate(Facts(birth_date=day - timedelta(days=1)), rules.days).outcome
            assert (day in turned) is (here is not before), day
