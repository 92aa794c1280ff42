"""Parsing of facts and verdicts: known keys are checked, unknown facts are ignored."""

from typing import Any

import pytest

from eligibility import Facts, Study, evaluate
from eligibility.codec import MalformedError, facts_from_json, parse, rulebook_from_json, verdict_from_json
from tests.eligibility.examples import FACTS, RULEBOOK

FLAGS = [
    *("resident_for_health_insurance", "resident_for_tax", "bar_school", "professional_order_stage"),
    *("attests_skills", "past_participant", "register_match"),
]


def refusal(facts: object) -> str:
    """Return the field that makes the facts invalid."""
    with pytest.raises(MalformedError) as caught:
        facts_from_json(facts)
    return caught.value.field


@pytest.mark.parametrize("not_an_object", [None, 1, "text", [], True])
def test_facts_must_be_an_object(not_an_object: object) -> None:
    assert refusal(not_an_object) == "facts"


@pytest.mark.parametrize("key", FLAGS)
@pytest.mark.parametrize("value", [0, 1, "true", 1.0, [], {}])
def test_an_answer_must_be_true_or_false(key: str, value: object) -> None:
    assert refusal({key: value}) == key


@pytest.mark.parametrize("key", ["birth_date", "quebec_resident_since"])
@pytest.mark.parametrize(
    "value", ["2023-02-29", "1998-5-4", "04/05/1998", "", "1998-05-04T00:00", 1998, False]
)
def test_a_day_must_be_in_the_calendar(key: str, value: object) -> None:
    assert refusal({key: value}) == key


@pytest.mark.parametrize(
    "facts,field",
    [
        ({"legal_status": "TOURIST"}, "legal_status"),
        ({"legal_status": "citizen"}, "legal_status"),
        ({"legal_status": 1}, "legal_status"),
        ({"domicile_province": ""}, "domicile_province"),
        ({"domicile_province": 24}, "domicile_province"),
        ({"domicile_province": "\udc00"}, "domicile_province"),
        ({"studies": {}}, "studies"),
        ({"studies": "MASTER"}, "studies"),
        ({"studies": [None]}, "studies[0]"),
        ({"studies": [{}, {"level": "MBA"}]}, "studies[1].level"),
        ({"studies": [{"state": "ABANDONED"}]}, "studies[0].state"),
        ({"studies": [{"completed_on": "2023-13-01"}]}, "studies[0].completed_on"),
        ({"studies": [{"expected_on": 2024}]}, "studies[0].expected_on"),
        ({"attests_writing": True}, "attests_writing"),
        ({"attests_writing": {"fr": "yes"}}, "attests_writing.fr"),
        ({"attests_writing": {"é": True, "e\u0301": True}}, 'attests_writing."e\\u0301"'),
        ({"attests_writing": {1: True}}, "attests_writing"),
    ],
)
def test_an_invalid_fact_is_refused_with_its_path(facts: object, field: str) -> None:
    assert refusal(facts) == field


def test_a_missing_fact_is_unknown() -> None:
    assert facts_from_json({}) == Facts()
    assert facts_from_json(dict.fromkeys(FACTS)) == Facts()
    assert facts_from_json({"studies": [{"level": None}]}) == Facts(studies=(Study(),))
    assert facts_from_json({"studies": []}) == Facts(studies=())
    assert facts_from_json({"studies": []}) != Facts()


def test_unknown_facts_are_ignored() -> None:
    strange = {"shoe_size": 38.5, "studies": [{**FACTS["studies"][0], "school": {"name": "…"}}]}
    assert facts_from_json({**FACTS, **strange}) == facts_from_json(FACTS)


def test_only_strict_json_is_read() -> None:
    assert parse('{"a": [1, -0.5, "é", null]}') == {"a": [1, -0.5, "é", None]}


def _verdict() -> Any:
    return evaluate(rulebook_from_json(RULEBOOK), facts_from_json(FACTS)).as_json()


@pytest.mark.parametrize(
    "path,value,field",
    [
        (["outcome"], "MAYBE", "outcome"),
        (["rulebook_digest"], "sha256:abc", "rulebook_digest"),
        (["facts_digest"], None, "facts_digest"),
        (["findings"], {}, "findings"),
        (["score"], 1, "score"),
        (["findings", 1, "outcome"], "ELIGIBLE", "findings[1].outcome"),
        (["findings", 1, "observed"], [], "findings[1].observed"),
        (["findings", 1, "would_pass"], None, "findings[1].would_pass"),
        (["findings", 1, "reason_fr"], 1, "findings[1].reason_fr"),
        (["findings", 1, "clause"], {"page": 1}, "findings[1].clause.page"),
        (["findings", 1, "weight"], 1, "findings[1].weight"),
    ],
)
def test_an_invalid_verdict_is_refused_with_its_path(path: list[Any], value: object, field: str) -> None:
    verdict = _verdict()
    place = verdict
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(MalformedError) as caught:
        verdict_from_json(verdict)
    assert caught.value.field == field
