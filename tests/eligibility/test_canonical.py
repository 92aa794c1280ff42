"""Canonical JSON and digests."""

import hashlib
import json
import unicodedata
from dataclasses import dataclass, fields

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eligibility import evaluate
from eligibility.codec import canonical, digest, facts_from_json, readers, rulebook_from_json
from eligibility.criteria.attestations import Skills
from eligibility.facts import Facts
from eligibility.verdict import Clause, CriterionKind, Effect
from tests.eligibility.examples import FACTS, RULEBOOK

TEXTS = st.text(st.characters(codec="utf-8"))
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), TEXTS),
    lambda inner: st.one_of(
        st.lists(inner), st.dictionaries(TEXTS.map(lambda key: unicodedata.normalize("NFC", key)), inner)
    ),
    max_leaves=12,
)


@pytest.mark.parametrize(
    "value,expected",
    [
        ({"b": 1, "a": [True, None, "é"]}, '{"a":[true,null,"é"],"b":1}'),
        ({"B": 1, "a": 2, "À": 3}, '{"B":1,"a":2,"À":3}'),
        ("e\u0301", '"é"'),
        (["e\u0301", 1, None], '["é",1,null]'),
        ({"e\u0301": "A\u030a"}, '{"é":"Å"}'),
        ("\n\u0301", '"\\n\u0301"'),
        (["\u0301", "e"], '["\u0301","e"]'),
        ((1, 2), "[1,2]"),
        (10**30, "1" + "0" * 30),
    ],
)
def test_canonical_json_has_one_byte_form(value: object, expected: str) -> None:
    assert canonical(value) == expected.encode()


@pytest.mark.parametrize(
    "value", [1.0, [1.5], {"a": float("nan")}, {1: "a"}, {"a": {None: 1}}, b"a", {"a", "b"}]
)
def test_a_value_without_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        canonical(value)


@pytest.mark.parametrize("value", [{"é": 1, "e\u0301": 2}, ["\ud800"]])
def test_texts_without_a_single_form_are_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"same in NFC|surrogates"):
        canonical(value)


@settings(deadline=None)
@given(VALUES)
def test_canonical_json_is_composed_and_keeps_its_value(value: object) -> None:
    text = canonical(value).decode()
    assert canonical(json.loads(text)) == text.encode()
    assert text == json.dumps(json.loads(text), ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    def texts(inner: object) -> list[str]:
        if isinstance(inner, str):
            return [inner]
        if isinstance(inner, dict):
            return [one for pair in inner.items() for part in pair for one in texts(part)]
        return [one for part in inner for one in texts(part)] if isinstance(inner, list) else []

    assert all(unicodedata.is_normalized("NFC", one) for one in texts(json.loads(text)))


def test_a_digest_is_the_sha256_of_canonical_bytes() -> None:
    assert digest({"b": 1, "a": "é"}) == f"sha256:{hashlib.sha256('{"a":"é","b":1}'.encode()).hexdigest()}"


def test_the_digests_of_the_example_stay_the_same() -> None:
    verdict = evaluate(rulebook_from_json(RULEBOOK), facts_from_json(FACTS))
    assert (
        verdict.rulebook_digest == "sha256:5c4a14ce157dbbbbeaa31d9f1b5909256f48d2a284fcbc1aa4e4715dcbcee2d3"
    )
    assert verdict.facts_digest == "sha256:c0c4514dcc7772bd4adc86d9ecf89557c838d189957a38088988a3b6b1b641e7"


@dataclass(frozen=True, kw_only=True)
class LaterFacts(Facts):
    """The facts of a release to come."""

    shoe_size: int | None = None


@dataclass(frozen=True, kw_only=True)
class LaterSkills(Skills):
    """A criterion of a release to come."""

    certified: bool = False


def test_a_fact_or_parameter_of_a_later_release_changes_no_earlier_digest() -> None:
    given = {each.name: getattr(facts_from_json(FACTS), each.name) for each in fields(Facts)}
    assert LaterFacts(**given).digest == facts_from_json(FACTS).digest
    assert LaterFacts(**given, shoe_size=38).as_json() == FACTS | {"shoe_size": 38}

    skills = Skills(effect=Effect.BLOCK, clause=Clause("5"))
    later = LaterSkills(effect=Effect.BLOCK, clause=Clause("5"), certified=True)
    assert LaterSkills(effect=Effect.BLOCK, clause=Clause("5")).as_json() == skills.as_json()
    assert later.as_json() == skills.as_json() | {"certified": True}


def test_a_parameter_of_a_later_release_may_be_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(readers._KINDS, CriterionKind.SKILLS, LaterSkills)
    monkeypatch.setitem(readers._PARAMETERS, "certified", readers._PARAMETERS["bar_school"])
    for criterion in ({}, {"certified": True}):
        skills = {"kind": "SKILLS", "effect": "BLOCK", "clause": {}} | criterion
        rulebook = rulebook_from_json(RULEBOOK | {"criteria": [skills]})
        assert rulebook.as_json()["criteria"] == [skills]
