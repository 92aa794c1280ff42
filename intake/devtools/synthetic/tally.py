"""Counts of generated applications."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from intake.submissions.models import Submission


@dataclass(slots=True)
class Tally:
    """Number of applications created, by kind; `already` existed before."""

    already: int = 0
    drafts: int = 0
    filed: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    """Verdicts of the filings."""
    states: Counter[str] = field(default_factory=Counter)

    @property
    def created(self) -> int:
        """Number of applications created."""
        return self.drafts + self.filed

    def count(self, submission: Submission, outcome: str | None) -> None:
        """Count one application in its final state; `outcome` is the verdict of its filing, None for a draft."""
        self.states[submission.state] += 1
        if outcome is None:
            self.drafts += 1
        else:
            self.filed += 1
            self.outcomes[outcome] += 1

    def as_json(self) -> dict[str, Any]:
        """Return the counts in the form that the command prints."""
        return {
            "created": self.created,
            "already": self.already,
            "filed": self.filed,
            "drafts": self.drafts,
            "outcomes": dict(sorted(self.outcomes.items())),
            "states": dict(sorted(self.states.items())),
        }
