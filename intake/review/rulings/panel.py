"""A filing under reserve as its page shows it: what its candidate asks, and what people judged of each refusal."""

from collections.abc import Mapping
from dataclasses import dataclass

from eligibility.codec import verdict_from_json
from intake.review.pages.labels import Label, human_review_label
from intake.review.pages.sealed_filing import FilingDetails, FindingDetails
from intake.submissions.gate.finding_display import observed_text, passing_text
from intake.submissions.models import Ruling, Submission
from intake.submissions.rulings.queries import latest_in_round, refused_positions, review_round
from intake.submissions.states import HumanReview

from .forms import RulingForm


@dataclass(frozen=True, slots=True)
class RuledFinding:
    """One finding that the rules refuse, what was judged of it, and the form that judges it."""

    position: int
    finding: FindingDetails
    observed: str
    """The answer that the rules judged."""
    would_pass: str
    """What they would accept; empty when no answer alone would."""
    rulings: tuple[Ruling, ...]
    """The oldest first."""
    ruling: Ruling | None
    """The one that stands: the last, unless the review was opened again since."""
    waiting: int
    """How many others are not judged yet."""
    otherwise_confirmed: bool
    """A ruling that stands on another finding confirms it: whatever is judged here, the reserve is upheld."""
    form: RulingForm | None
    """None when the reader may not judge, or when nothing is to be judged any more."""

    @property
    def earlier(self) -> tuple[Ruling, ...]:
        """Those that stand no more."""
        return self.rulings[:-1] if self.ruling else self.rulings

    @property
    def settles(self) -> bool:
        """Whether judging this finding settles the reserve."""
        return self.waiting == 0


@dataclass(frozen=True, slots=True)
class HumanReviewPanel:
    """The reserve of the filing that stands."""

    reserve: HumanReview
    word: Label
    message: str
    """What the candidate wrote; empty once anonymised."""
    findings: tuple[RuledFinding, ...]

    @property
    def waiting(self) -> int:
        """How many findings are not judged yet."""
        return sum(row.ruling is None for row in self.findings)


def read_human_review(
    submission: Submission,
    reading: FilingDetails,
    rulings: list[Ruling],
    *,
    judges: bool,
    sent: Mapping[int, RulingForm],
) -> HumanReviewPanel | None:
    """Return the reserve of `submission`'s standing filing, or None without one.

    `rulings` are the filing's, in the order of `rulings_on`; `judges` says whether the reader may judge; `sent` holds
    the forms that come back with their errors, by the finding's position.
    """
    reserve = HumanReview(submission.reserve)
    if reserve == HumanReview.NONE:
        return None
    judges = judges and reserve == HumanReview.PENDING
    return HumanReviewPanel(
        reserve=reserve,
        word=human_review_label(reserve),
        message=reading.payload.review_message if reading.payload else "",
        findings=_findings(reading, rulings, review_round(reading.filing), judges=judges, sent=sent),
    )


def unplaced_form(sent: Mapping[int, RulingForm], reserve: HumanReviewPanel | None) -> RulingForm | None:
    """Return the judgement that comes back and has no place on the page any more, if there is one."""
    shown = {row.position for row in reserve.findings if row.form is not None} if reserve else set()
    return next((form for position, form in sent.items() if position not in shown), None)


def _findings(
    reading: FilingDetails, rulings: list[Ruling], turn: int, *, judges: bool, sent: Mapping[int, RulingForm]
) -> tuple[RuledFinding, ...]:
    if reading.payload is None:
        return ()
    verdict = reading.payload.verdict
    machine = verdict_from_json(dict(verdict)).findings
    positions = refused_positions(verdict)
    standing = latest_in_round(turn, rulings)
    found = []
    for position in positions:
        own = tuple(row for row in rulings if row.position == position)
        others = positions.keys() - {position}
        shown = {"filing": reading.filing.pk, "seen": len(own)}
        if (form := sent.get(position)) is None:
            form = RulingForm(prefix=prefix_of(position), initial=shown)
        else:
            form.update_version(**shown)
        found.append(
            RuledFinding(
                position=position,
                finding=reading.findings[position],
                observed=observed_text(machine[position]),
                would_pass=passing_text(machine[position]),
                rulings=own,
                ruling=standing.get(position),
                waiting=len(others - standing.keys()),
                otherwise_confirmed=any(
                    row.decision == Ruling.Decision.CONFIRMED
                    for place, row in standing.items()
                    if place in others
                ),
                form=form if judges else None,
            )
        )
    return tuple(found)


def prefix_of(position: int) -> str:
    """Return what the fields of the form on a finding start with: several stand on one page."""
    return f"constat-{position}"
