"""What an application to an offer takes: series of questions, texts to write, documents, and about how long."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from .grid_form import LINE_MAX
from .offer_questions import GridQuestion
from .sections import Section

_TEXT_MINUTES: Final = 10
"""Minutes for a required text of `LINE_MAX` characters: three sentences about something that one did."""
_OTHER_MINUTES: Final = 5
"""Minutes for a series of questions, or for a document."""


@dataclass(frozen=True, slots=True)
class Workload:
    """Counts of what an offer asks. `texts`: its grid lines, in order."""

    series: int
    texts: tuple[GridQuestion, ...]
    documents: int
    """Number of required documents."""

    @property
    def required(self) -> int:
        """Number of required texts."""
        return sum(line.required for line in self.texts)

    @property
    def optional(self) -> int:
        """Number of optional texts."""
        return len(self.texts) - self.required

    @property
    def most(self) -> int:
        """Maximum number of characters of one text."""
        return LINE_MAX

    @property
    def hours(self) -> int:
        """Estimated hours for what is required, rounded up."""
        minutes = self.required * _TEXT_MINUTES + (self.series + self.documents) * _OTHER_MINUTES
        return -(-minutes // 60)


def workload_of(sections: Iterable[Section], *, documents: int) -> Workload:
    """Return the workload of an offer with these `sections` (`asked_sections`) and number of required documents."""
    asked = list(sections)
    texts = tuple(line for section in asked for line in section.lines)
    return Workload(sum(not section.lines for section in asked), texts, documents)
