"""Strict parsing of JSON: each error names its field by path and states the fault in one short line."""

from typing import Any

import pytest

from eligibility import CriterionKind, evaluate
from eligibility.codec import (
    MalformedError,
    facts_from_json,
    parse,
    rulebook_from_json,
    verdict_from_json,
)
from eligibility.codec.json_parsing import key_path
from eligibility.lines import BadLineError, evaluate_lines
from tests.eligibility.examples import FACTS, RULEBOOK, criterion, rulebook_with


def refusal(read: Any, *given: Any) -> str:
    with pytest.raises(MalformedError) as caught:
        read(*given)
    return str(caught.value)


@pytest.mark.parametrize(
    "text, said",
    [
        (b'{"a": "\xff"}', "JSON: byte 8 is not UTF-8"),
        ('{"a": x}', "JSON: Expecting value (column 7)"),
        ('{"a":\n\n x}', "JSON: Expecting value (line 3, column 2)"),
        ('{"a":\n1 2}', "JSON: Expecting ',' delimiter (line 2, column 3)"),
        ("[" * 200_000, "JSON: is nested too deeply"),
        (f"[{'9' * 5000}]", "JSON: holds a number with too many digits"),
        ('{"a": {"b": 1, "c": 2, "b": 3}}', "a.b: is given twice in the same object"),
        ('[{"a": 1, "b": 2, "b": 3, "b": 4, "a": 5}]', "[0].b: is given twice in the same object"),
        ('{"a": {"b": 1, "b": 2}, "a": 1}', "a: is given twice in the same object"),
        ('{"a": [0, NaN]}', "a[1]: must be a JSON value, not NaN or an infinity"),
        ("Infinity", "JSON: must be a JSON value, not NaN or an infinity"),
        ('{"a": NaN, "a": 1}', "a: is given twice in the same object"),
        (b"\xef\xbb\xbf{}", "JSON: "),
        ('{"a": 1,}', "JSON: "),
        ("{'a': 1}", "JSON: "),
        ("{} {}", "JSON: "),
        ("", "JSON: "),
    ],
)
def test_an_error_of_json_states_its_place(text: str | bytes, said: str) -> None:
    assert refusal(parse, text).startswith(said)


@pytest.mark.parametrize(
    "path, key, shown",
    [
        ("", "a", "a"),
        ("a[0]", "b_1", "a[0].b_1"),
        ("", "1a", '"1a"'),
        ("a", "b c", 'a."b c"'),
        ("", "é", '"\\u00e9"'),
        ("", "a" * 64, "a" * 64),
        ("", "a" * 65, f'"{"a" * 64}"'),
        ("a", "", 'a.""'),
    ],
)
def test_an_unusual_key_is_quoted_and_truncated(path: str, key: str, shown: str) -> None:
    assert key_path(path, key) == shown


@pytest.mark.parametrize(
    "changes, said",
    [
        ({"schema": True}, "schema: must be 1"),
        ({"starts_on": "2024-02-30"}, "starts_on: must be a day of the calendar written YYYY-MM-DD"),
        ({"criteria": [{1: 2}]}, "criteria[0]: must have text keys"),
        ({"criteria": [criterion("AGE", minimum=36)]}, "criteria[0].maximum: must not be below minimum"),
        ({"criteria": [criterion("AGE", minimum=-1)]}, "criteria[0].minimum: must be an integer, 0 or more"),
        (
            {"criteria": [criterion("AGE"), criterion("SKILLS"), criterion("AGE")]},
            "criteria[2].kind: AGE is given twice; only OTHER may repeat",
        ),
    ],
)
def test_an_error_of_a_rulebook_states_its_field_and_fault(changes: dict[str, Any], said: str) -> None:
    assert refusal(rulebook_from_json, rulebook_with(changes)) == said


def test_a_rulebook_is_read_with_every_value_in_nfc() -> None:
    composed = {"reference": "re\u0301f", "text": "e\u0301"}
    rulebook = rulebook_from_json(
        rulebook_with(
            {"reference": "e\u0301"},
            criteria=[
                criterion("DOMICILE", provinces=["Que\u0301", "ON"], effect="ADVISE", clause=composed),
                criterion("STUDIES", bar_school=False, professional_order_stage=True),
                {"kind": "OTHER", "effect": "BLOCK"},
            ],
        )
    )
    assert rulebook.as_json() == {
        **RULEBOOK,
        "reference": "é",
        "criteria": [
            {
                "kind": "DOMICILE",
                "effect": "ADVISE",
                "provinces": ["Qué", "ON"],
                "clause": {"reference": "réf", "text": "é"},
            },
            {**criterion("STUDIES"), "bar_school": False},
            {"kind": "OTHER", "effect": "BLOCK", "clause": {}},
        ],
    }
    absent = criterion("STUDIES")
    del absent["bar_school"], absent["professional_order_stage"]
    (studies,) = rulebook_from_json(rulebook_with(criteria=[absent])).criteria
    assert (studies.kind, studies) == (
        CriterionKind.STUDIES,
        rulebook_from_json(rulebook_with(criteria=[criterion("STUDIES")])).criteria[0],
    )


def verdict() -> Any:
    return evaluate(rulebook_from_json(RULEBOOK), facts_from_json(FACTS)).as_json()


@pytest.mark.parametrize(
    "key", ["kind", "outcome", "effect", "observed", "reason_fr", "reason_en", "would_pass", "clause"]
)
def test_a_missing_or_mistyped_key_of_a_finding_is_named(key: str) -> None:
    given = verdict()
    value = given["findings"][1].pop(key)
    assert refusal(verdict_from_json, given) == f"findings[1].{key}: is missing"
    given["findings"][1][key] = [value]
    assert refusal(verdict_from_json, given).startswith(f"findings[1].{key}: must be ")


@pytest.mark.parametrize("key", ["rulebook_digest", "facts_digest"])
@pytest.mark.parametrize(
    "value", ["", "sha256:0", f"sha256:{'0' * 63}G", f"md5:{'0' * 64}", f"sha256:{'0' * 65}"]
)
def test_a_digest_has_sixty_four_hexadecimal_digits(key: str, value: str) -> None:
    given = verdict()
    sound = given | {key: f"sha256:{'0f' * 32}"}
    assert verdict_from_json(sound).as_json() == sound
    assert refusal(verdict_from_json, given | {key: value}).startswith(f"{key}: ")


def test_an_error_of_a_line_states_number_field_and_fault() -> None:
    rulebook = rulebook_from_json(RULEBOOK)
    lines = evaluate_lines(rulebook, [b"{}\n", b'{"bar_school": 1}\n', b"{}\n"])
    assert next(lines).startswith('{"outcome":"')
    with pytest.raises(BadLineError) as caught:
        next(lines)
    error = caught.value
    assert str(error) == "line 2: bar_school: must be true or false"
    assert (error.number, error.field, error.message) == (2, "bar_school", "must be true or false")
    for given, number in (([b"\n", b" \n", b"{}"], 1), ([b"{}", b"\n", b"\r\n", b"{}"], 2)):
        with pytest.raises(BadLineError, match=rf"^line {number}: facts: the line is empty$"):
            list(evaluate_lines(rulebook, given))
    assert len(list(evaluate_lines(rulebook, [b"{}\n", b"\n", b" \n"]))) == 1
