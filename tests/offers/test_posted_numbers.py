"""A number that a browser sends is read within the bounds of a key, or not at all."""

import pytest

from intake.base.numbers import posted_number


@pytest.mark.parametrize(
    "text, number",
    [
        ("0", 0),
        ("12", 12),
        ("9" * 18, 10**18 - 1),
        *(
            (text, None)
            for text in ("", "9" * 19, "9" * 5_000, "-1", "+1", "1.0", " 1", "1_0", "٣", "²", "x")
        ),
    ],
)
def test_only_ascii_digits_within_a_bigint_are_a_number(text: str, number: int | None) -> None:
    assert posted_number(text) == number
