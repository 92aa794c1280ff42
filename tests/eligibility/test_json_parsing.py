"""Strict parsing of JSON: each error names its field by path and states the fault in one short line."""

from typing import Any

import pytest

from eligibility.codec import MalformedError, parse, rulebook_from_json
from eligibility.codec.json_parsing import key_path
from eligibility.lines import BadLineError, evaluate_lines
from tests.eligibility.examples import RULEBOOK, criterion, rulebook_with


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
