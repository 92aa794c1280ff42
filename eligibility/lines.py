"""JSON lines: one facts object per line in, one verdict per line out, in the same order."""

import json
from collections.abc import Iterable, Iterator

from eligibility.codec import MalformedError, facts_from_json, parse
from eligibility.rulebook import Rulebook, evaluate

_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


class BadLineError(ValueError):
    """A line is not a facts object. `number` counts from 1; `field` and `message` describe the error."""

    def __init__(self, number: int, problem: MalformedError) -> None:
        super().__init__(f"line {number}: {problem}")
        self.number = number
        self.field = problem.field
        self.message = problem.message


def evaluate_lines(rulebook: Rulebook, lines: Iterable[bytes]) -> Iterator[str]:
    """Yield the verdict of each line, as one line of JSON without a line break, before reading the next line.

    Empty lines are allowed only at the end of the input.

    :raises BadLineError: at the first line that is not a facts object (`docs/contracts.md`) in UTF-8.
    """
    empty_line = 0
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            empty_line = empty_line or number
            continue
        if empty_line:
            raise BadLineError(empty_line, MalformedError("facts", "the line is empty"))
        try:
            facts = facts_from_json(parse(line))
        except MalformedError as error:
            raise BadLineError(number, error) from None
        yield _ENCODER.encode(evaluate(rulebook, facts).as_json())
