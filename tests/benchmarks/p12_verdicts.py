"""P12 (`docs/targets.md`): verdicts per second and core, with findings and digests."""

import json
import random
from datetime import date, timedelta
from statistics import median
from typing import Any

from eligibility import evaluate
from eligibility.codec import facts_from_json, rulebook_from_json
from eligibility.lines import evaluate_lines
from tests.benchmarks.inlined_rules import judge_inlined
from tests.benchmarks.measuring import Figure, benchmark, interleaved
from tests.eligibility.examples import FACTS, RULEBOOK

PEOPLE, SMOKE_PEOPLE = 5_000, 50
_STUDIES = [
    {"level": "MASTER", "state": "IN_PROGRESS", "completed_on": None, "expected_on": "2024-04-30"},
    {"level": "MASTER", "state": "IN_PROGRESS", "completed_on": None, "expected_on": "2025-08-31"},
    {"level": "MASTER", "state": "COMPLETED", "completed_on": "2022-05-01", "expected_on": None},
    {"level": "MASTER", "state": "COMPLETED", "completed_on": "2021-05-01", "expected_on": None},
    {"level": "DOCTORATE", "state": "IN_PROGRESS", "completed_on": None, "expected_on": "2026-04-30"},
]


def people(count: int, *, seed: int) -> list[dict[str, Any]]:
    """Return the facts of people who answered everything and differ, most of them eligible."""
    chance = random.Random(seed)  # noqa: S311 -- people that can be drawn again, no secret

    def day(first: date, last: date) -> str:
        return (first + timedelta(days=chance.randrange((last - first).days))).isoformat()

    return [
        {
            **FACTS,
            "birth_date": day(date(1985, 1, 1), date(2006, 6, 1)),
            "legal_status": chance.choice(["CITIZEN"] * 8 + ["PERMANENT_RESIDENT", "TEMPORARY_PERMIT"]),
            "domicile_province": chance.choice(["QC"] * 9 + ["ON"]),
            "quebec_resident_since": day(date(1990, 1, 1), date(2023, 9, 1)),
            "studies": [chance.choice(_STUDIES)],
            "attests_writing": {"fr": True, "en": chance.random() < 0.9},
            "past_participant": chance.random() < 0.05,
        }
        for _ in range(count)
    ]


@benchmark("P12", title="eligibility verdicts per second and core", sign=">=", bound=10_000)
def measure(smoke: bool) -> Figure:  # noqa: FBT001 -- the one argument of every measure
    """Evaluate facts of people, beside the same rules hand-written in one function, and beside JSON lines."""
    given = people(SMOKE_PEOPLE if smoke else PEOPLE, seed=12)
    rulebook, rulebook_digest = rulebook_from_json(RULEBOOK), rulebook_from_json(RULEBOOK).digest
    facts = [facts_from_json(one) for one in given]
    lines = [json.dumps(one).encode() for one in given]
    for one in facts:
        if evaluate(rulebook, one).as_json() != judge_inlined(one, rulebook_digest):
            message = "the function written by hand does not say what the rules say"
            raise AssertionError(message)

    def engine() -> None:
        for one in facts:
            evaluate(rulebook, one)

    def by_hand() -> None:
        for one in facts:
            judge_inlined(one, rulebook_digest)

    def json_lines() -> None:
        for _line in evaluate_lines(rulebook, lines):
            pass

    times = interleaved({"engine": engine, "by hand": by_hand, "JSON lines": json_lines})
    rates = {name: [len(given) / seconds for seconds in taken] for name, taken in times.items()}
    ratios = [mine / other for mine, other in zip(rates["engine"], rates["by hand"], strict=True)]
    return Figure.of(
        rates["engine"],
        f"processor time; {median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}) of the rate of the same rules"
        f" written by hand in one function ({median(rates['by hand']):,.0f}/s); {median(rates['JSON lines']):,.0f}/s"
        " from one JSON line to the other, reading and writing included",
    )
