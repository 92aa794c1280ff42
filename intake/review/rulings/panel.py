"""Human review panel of the submission's page: the candidate's request, the rulings on each finding, and their form."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django import forms
from django.utils.translation import gettext_lazy as _

from eligibility.codec import verdict_from_json
from intake.profiles.fields import TidyParagraphsField
from intake.review.pages.forms import REASON_MAX, VersionedForm
from intake.review.pages.labels import Label, human_review_label
from intake.review.pages.sealed_filing import FilingDetails, FindingDetails
from intake.submissions.gate.verdict_display import observed_text, passing_text
from intake.submissions.models import Ruling, Submission
from intake.submissions.rulings.queries import (
    confirmed_by,
    latest_in_round,
    refused_positions,
    review_round,
)
from intake.submissions.states import HumanReview


class RulingForm(VersionedForm):
    """A ruling on one finding that the rules refuse, with the filing and the number of rulings that were displayed."""

    decision = forms.ChoiceField(
        label=_("Votre décision"),
        choices=[
            (Ruling.Decision.CONFIRMED, _("Confirmer : la personne candidate ne répond pas à ce critère")),
            (Ruling.Decision.OVERTURNED, _("Écarter : ce critère n’empêche pas la candidature")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choisissez : confirmer ce critère, ou l’écarter.")},
    )
    reason = TidyParagraphsField(
        label=_("Motif"),
        help_text=_(
            "La personne candidate lira ce texte, par courriel et sur la page de sa "
            "candidature. 2 000 caractères au plus."
        ),
        max_length=REASON_MAX,
        error_messages={"required": _("Inscrivez le motif : la personne candidate le lira.")},
    )
    filing = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    """Number of rulings on the finding that the page displayed."""


@dataclass(frozen=True, slots=True)
class RuledFinding:
    """One finding that the rules refuse, its rulings, and the form that rules on it."""

    position: int
    finding: FindingDetails
    observed: str
    """The answer that the rules evaluated."""
    would_pass: str
    """The answers that the rules would accept. Empty if no answer would pass."""
    rulings: tuple[Ruling, ...]
    """Oldest first."""
    ruling: Ruling | None
    """The current one: the last, unless the human review was opened again since."""
    waiting: int
    """Number of other findings without a current ruling."""
    otherwise_confirmed: bool
    """True if a current ruling confirms another finding: the human review will be UPHELD whatever this ruling is."""
    form: RulingForm | None
    """None if the reader may not rule, or if the human review is not pending."""

    @property
    def earlier(self) -> tuple[Ruling, ...]:
        """The rulings that are no longer current."""
        return self.rulings[:-1] if self.ruling else self.rulings

    @property
    def settles(self) -> bool:
        """True if every other finding has a current ruling."""
        return self.waiting == 0


@dataclass(frozen=True, slots=True)
class HumanReviewPanel:
    """The human review of the current filing."""

    reserve: HumanReview
    word: Label
    message: str
    """The candidate's message. Empty once anonymised."""
    findings: tuple[RuledFinding, ...]

    @property
    def waiting(self) -> int:
        """Number of findings without a current ruling."""
        return sum(row.ruling is None for row in self.findings)

    @property
    def awaits_approval(self) -> bool:
        """True if another person must approve that the file is inadmissible."""
        return self.reserve == HumanReview.PENDING and bool(self.findings) and not self.waiting

    @property
    def confirmers(self) -> frozenset[int]:
        """Primary keys of the users who confirmed a finding: they do not approve."""
        return confirmed_by(row.ruling for row in self.findings if row.ruling)

    @property
    def last_ruling(self) -> int:
        """Primary key of the latest current ruling; 0 without one."""
        return max((row.ruling.pk for row in self.findings if row.ruling), default=0)


def read_human_review(
    submission: Submission,
    reading: FilingDetails,
    rulings: list[Ruling],
    *,
    judges: bool,
    sent: Mapping[int, RulingForm],
) -> HumanReviewPanel | None:
    """Return the human review of `submission`'s current filing. None if its code is NONE.

    `rulings` are the filing's, in the order of `rulings_on`; `judges` is True if the reader may rule; `sent` has the
    posted forms with errors, by the finding's position.
    """
    reserve = HumanReview(submission.reserve)
    if reserve == HumanReview.NONE:
        return None
    judges = judges and reserve == HumanReview.PENDING
    return HumanReviewPanel(
        reserve=reserve,
        word=human_review_label(reserve),
        message=reading.payload.review_message if reading.payload else "",
        findings=tuple(_findings(reading, rulings, review_round(reading.filing), judges=judges, sent=sent)),
    )


def unplaced_form(sent: Mapping[int, RulingForm], reserve: HumanReviewPanel | None) -> RulingForm | None:
    """Return the posted form with an error whose finding is no longer on the page, if any."""
    shown = {row.position for row in reserve.findings if row.form is not None} if reserve else set()
    return next((form for position, form in sent.items() if position not in shown), None)


def _findings(
    reading: FilingDetails, rulings: list[Ruling], turn: int, *, judges: bool, sent: Mapping[int, RulingForm]
) -> Iterator[RuledFinding]:
    if reading.payload is None:
        return
    verdict = reading.payload.verdict
    machine = verdict_from_json(dict(verdict)).findings
    positions = refused_positions(verdict)
    current = latest_in_round(turn, rulings)
    for position in positions:
        own = tuple(row for row in rulings if row.position == position)
        others = positions.keys() - {position}
        ruled = [current[other] for other in others & current.keys()]
        shown = {"filing": reading.filing.pk, "seen": len(own)}
        if (form := sent.get(position)) is None:
            form = RulingForm(prefix=prefix_of(position), initial=shown)
        else:
            form.update_version(**shown)
        yield RuledFinding(
            position=position,
            finding=reading.findings[position],
            observed=observed_text(machine[position]),
            would_pass=passing_text(machine[position]),
            rulings=own,
            ruling=current.get(position),
            waiting=len(others) - len(ruled),
            otherwise_confirmed=any(row.decision == Ruling.Decision.CONFIRMED for row in ruled),
            form=form if judges else None,
        )


def prefix_of(position: int) -> str:
    """Return the prefix of the fields of the form on a finding. A page has one form per finding."""
    return f"constat-{position}"
