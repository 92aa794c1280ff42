"""What was generated, counted."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from intake.submissions.models import Submission


@dataclass(slots=True)
class Tally:
    """How many applications were made, and of what sort; `already` were there, from an earlier time."""

    already: int = 0
    drafts: int = 0
    filed: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    """The verdicts of what was filed."""
    states: Counter[str] = field(default_factory=Counter)

    @property
    def created(self) -> int:
        """All that were made."""
        return self.drafts + self.filed

    def count(self, submission: Submission, outcome: str | None) -> None:
        """Count one application as it stands at the end; `outcome` is the verdict of its filing, None for a draft."""
        self.states[submission.state] += 1
        if outcome is None:
            self.drafts += 1
        else:
            self.filed += 1
            self.outcomes[outcome] += 1

    def as_json(self) -> dict[str, Any]:
        """Return the counts as the command prints them."""
        return {
            "created": self.created,
            "already": self.already,
            "filed": self.filed,
            "drafts": self.drafts,
            "outcomes": dict(sorted(self.outcomes.items())),
            "states": dict(sorted(self.states.items())),
        }
