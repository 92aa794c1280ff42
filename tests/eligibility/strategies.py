"""Random rulebooks and facts as JSON, with dates close enough to reach every boundary."""

from datetime import date
from typing import Any

from hypothesis import strategies as st

from eligibility import LegalStatus, StudyLevel, StudyState

# Few years, leap days included: ages and windows often end exactly on a bound.
near_days = st.one_of(
    st.dates(date(2019, 12, 1), date(2025, 3, 31)),
    st.sampled_from(
        [date(2020, 2, 29), date(2024, 2, 29), date(2023, 2, 28), date(2024, 3, 1), date(2023, 12, 31)]
    ),
)
days = st.one_of(near_days, st.dates(date(1985, 1, 1), date(2008, 12, 31)), st.dates())
months = st.one_of(st.integers(0, 60), st.integers(0, 10**9))
answers = st.sampled_from([True, False, None])
statuses = st.sampled_from([status.value for status in LegalStatus])
provinces = st.sampled_from(["QC", "ON", "NB", "Québec", "Que\u0301bec"])
languages = st.sampled_from(["fr", "en", "es"])


def iso(of: st.SearchStrategy[date]) -> st.SearchStrategy[str]:
    """Return days as JSON writes them (`docs/contracts.md`)."""
    return of.map(date.isoformat)


def maybe(of: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return values that may be absent or null."""
    return st.one_of(st.none(), of)


studies = st.fixed_dictionaries(
    {},
    optional={
        "level": maybe(st.sampled_from([level.value for level in StudyLevel])),
        "state": maybe(st.sampled_from([state.value for state in StudyState])),
        "completed_on": maybe(iso(near_days)),
        "expected_on": maybe(iso(near_days)),
    },
)
facts = st.fixed_dictionaries(
    {},
    optional={
        "birth_date": maybe(iso(days)),
        "legal_status": maybe(statuses),
        "domicile_province": maybe(provinces),
        "quebec_resident_since": maybe(iso(days)),
        "resident_for_health_insurance": answers,
        "resident_for_tax": answers,
        "studies": maybe(st.lists(studies, max_size=4)),
        "bar_school": answers,
        "professional_order_stage": answers,
        "attests_writing": maybe(st.dictionaries(languages, answers)),
        "attests_skills": answers,
        "past_participant": answers,
        "register_match": answers,
    },
)

_said = st.booleans()
full_facts = st.fixed_dictionaries(
    {
        "birth_date": iso(days),
        "legal_status": statuses,
        "domicile_province": provinces,
        "quebec_resident_since": iso(days),
        "resident_for_health_insurance": _said,
        "resident_for_tax": _said,
        "studies": st.lists(
            st.fixed_dictionaries(
                {
                    "level": st.sampled_from([level.value for level in StudyLevel]),
                    "state": st.sampled_from([state.value for state in StudyState]),
                    "completed_on": iso(near_days),
                    "expected_on": iso(near_days),
                }
            ),
            max_size=4,
        ),
        "bar_school": _said,
        "professional_order_stage": _said,
        "attests_writing": st.fixed_dictionaries({"fr": _said, "en": _said, "es": _said}),
        "attests_skills": _said,
        "past_participant": _said,
        "register_match": _said,
    }
)

_reference_days = st.sampled_from(["starts_on", "closes_on"])
_clauses = st.fixed_dictionaries(
    {},
    optional={"reference": st.text(max_size=12), "text": st.text(st.characters(codec="utf-8"), max_size=40)},
)
_ages = st.tuples(st.integers(0, 40), st.integers(0, 40)).map(sorted)


def _kind(kind: str, **parameters: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "kind": st.just(kind),
            "effect": st.sampled_from(["BLOCK", "BLOCK", "ADVISE"]),
            **parameters,
            "clause": _clauses,
        }
    )


age_criteria = st.builds(
    lambda shape, ages: {**shape, "minimum": ages[0], "maximum": ages[1]},
    _kind("AGE", on=_reference_days),
    _ages,
)
studies_criteria = _kind(
    "STUDIES",
    degree_window_months=months,
    finishing_within_months=months,
    bar_school=st.booleans(),
    professional_order_stage=st.booleans(),
)
residence_criteria = _kind("RESIDENCE", months=months, on=_reference_days)
criteria = st.one_of(
    age_criteria,
    studies_criteria,
    residence_criteria,
    _kind("LEGAL_STATUS", accepted=st.lists(statuses, min_size=1, max_size=3)),
    _kind("DOMICILE", provinces=st.lists(provinces, min_size=1, max_size=3)),
    _kind("WRITING", languages=st.lists(languages, min_size=1, max_size=3)),
    _kind("SKILLS"),
    _kind("ONCE_ONLY"),
    _kind("OTHER"),
)


def rulebooks_of(of: st.SearchStrategy[list[dict[str, Any]]]) -> st.SearchStrategy[dict[str, Any]]:
    """Return rulebooks with these criteria."""
    return st.fixed_dictionaries(
        {
            "schema": st.just(1),
            "reference": maybe(st.just("2023-020")),
            "starts_on": iso(st.one_of(near_days, near_days, st.dates())),
            "closes_on": iso(st.one_of(near_days, near_days, st.dates())),
            "criteria": of,
        }
    )


rulebooks = rulebooks_of(st.lists(criteria, max_size=9, unique_by=lambda one: one["kind"]))
