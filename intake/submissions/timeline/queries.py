"""Events and mails of a submission, as its candidate reads them.

A move that is not released to the candidate, such as a shortlisting, gives no event: see `_VISIBLE_ACTIONS`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from intake.dossiers.models import Dossier
from intake.dossiers.services import AnonymisedError, read_seal
from intake.outbox.models import Delivery
from intake.outbox.selectors import MessageState, mails_about, state_of
from intake.submissions import delivery_kinds as kinds
from intake.submissions.lifecycle.candidate_status import CandidateStatus
from intake.submissions.models import ComplementRequest, Filing, Ruling, Submission
from intake.submissions.rulings.queries import refused_positions, requests_review
from intake.submissions.states import TABLE, Action
from offers.models import OfferChange
from offers.selectors import candidate_visible_changes

_FILING_MAILS: Final = {
    kinds.RECEIPT_MAIL: _("Accusé de réception"),
    kinds.DOSSIER_MAIL: _("Dossier en PDF"),
    kinds.RULINGS_MAIL: _("Réponse à votre demande de révision"),
    kinds.COMPLEMENT_REQUEST_MAIL: _("Demande de complément"),
    kinds.COMPLEMENT_REMINDER_MAIL: _("Rappel : complément demandé"),
    kinds.COMPLEMENT_RESUMED_MAIL: _("Complément : plus rien à envoyer"),
    kinds.WITHDRAWAL_MAIL: _("Confirmation de votre désistement"),
    kinds.DECISION_MAIL: _("Décision sur votre candidature"),
}
"""Kinds whose subject is a receipt, with their labels. The subject of the other kinds is the submission."""
MAIL_LABELS: Final = _FILING_MAILS | {
    kinds.OFFER_CHANGE_MAIL: _("Changement de l’offre"),
    kinds.PERSONAL_EXTENSION_MAIL: _("Date limite personnelle accordée"),
    kinds.DRAFT_REMINDER_MAIL: _("Rappel : brouillon non déposé"),
    kinds.ARRIVAL_REFUSED_MAIL: _("Arrivée non déposée"),
}
"""Kinds of mail that the candidate's page lists, with the labels that the candidate reads; `intake.wiring` has those of
staff."""


type ErasureDay = Callable[[Submission], date | None]
_erasure_days: list[ErasureDay] = []


def register_erasure_day(find: ErasureDay) -> None:
    """Register what says on which day a submission will be erased; None if it says none."""
    _erasure_days[:] = [find]


def erasure_day_of(submission: Submission) -> date | None:
    """Return the day on which `submission` will be erased, or None."""
    return next((find(submission) for find in _erasure_days), None)


class EventKind(StrEnum):
    """Kind of an event on the timeline."""

    STARTED = "STARTED"
    FILED = "FILED"
    AMENDED = "AMENDED"
    AMENDING = "AMENDING"
    UNDER_REVIEW = "UNDER_REVIEW"
    COMPLEMENT_REQUESTED = "COMPLEMENT_REQUESTED"
    COMPLEMENT_ANSWERED = "COMPLEMENT_ANSWERED"
    """A filing that answers a complement request."""
    RESUMED = "RESUMED"
    RESERVE_LIFTED = "RESERVE_LIFTED"
    RESERVE_UPHELD = "RESERVE_UPHELD"
    INADMISSIBLE = "INADMISSIBLE"
    REOPENED = "REOPENED"
    JUDGED_AGAIN = "JUDGED_AGAIN"
    INVITED = "INVITED"
    SELECTED = "SELECTED"
    ON_RESERVE = "ON_RESERVE"
    DECLINED = "DECLINED"
    TAKEN_BACK = "TAKEN_BACK"
    PLACED = "PLACED"
    COMPLETED = "COMPLETED"
    WITHDRAWN = "WITHDRAWN"
    OFFER_CHANGED = "OFFER_CHANGED"


_VISIBLE_ACTIONS: Final = {
    Action.WITHDRAW: EventKind.WITHDRAWN,
    Action.START_REVIEW: EventKind.UNDER_REVIEW,
    Action.RESUME: EventKind.RESUMED,
    Action.FIND_INADMISSIBLE: EventKind.INADMISSIBLE,
    Action.REOPEN: EventKind.REOPENED,
    Action.JUDGE_AGAIN: EventKind.JUDGED_AGAIN,
    Action.INVITE: EventKind.INVITED,
    Action.SELECT: EventKind.SELECTED,
    Action.PUT_ON_RESERVE: EventKind.ON_RESERVE,
    Action.DECLINE: EventKind.DECLINED,
    Action.TAKE_BACK: EventKind.TAKEN_BACK,
    Action.PLACE: EventKind.PLACED,
    Action.COMPLETE: EventKind.COMPLETED,
}
"""Moves that the candidate sees. Filings and complement requests are read from their own tables."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event. A field that does not apply to its kind is None, False or empty."""

    at: datetime
    kind: EventKind
    filing: Filing | None = None
    dossier: Dossier | None = None
    replaced_by: Filing | None = None
    under_reserve: bool = False
    reason: str = ""
    """Reason that the candidate gave for a withdrawal."""
    words: str = ""
    """Text that staff added to the message of a decision."""
    change: OfferChange | None = None
    complement: ComplementRequest | None = None
    """The complement request that was made, or that this filing or draft answers."""

    @property
    def is_filing(self) -> bool:
        """True for a filing, an amendment or a complement."""
        return self.kind in {EventKind.FILED, EventKind.AMENDED, EventKind.COMPLEMENT_ANSWERED}


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail to the candidate, with its delivery state."""

    label: Promise
    number: str
    """Number of the receipt that the mail is about. Empty if the mail is about the offer or the submission."""
    asked_at: datetime
    state: MessageState


def events_of(standing: CandidateStatus) -> list[Event]:
    """Return the events, latest first. The number of queries does not depend on the number of events."""
    submission = standing.submission
    filings = list(
        submission.filings.select_related(
            "receipt", "verdict", "seal__dossier", "replaces__receipt"
        ).order_by("sequence")
    )
    asked = list(submission.complements.order_by("pk"))
    events = [
        Event(at=submission.created_at, kind=EventKind.STARTED),
        *_filing_events(filings, {row.answered_by_id: row for row in asked}),
        *(Event(at=row.asked_at, kind=EventKind.COMPLEMENT_REQUESTED, complement=row) for row in asked),
        *_human_review_events(submission, filings),
        *_move_events(submission),
        *(
            Event(at=change.at, kind=EventKind.OFFER_CHANGED, change=change)
            for change in candidate_visible_changes(submission.offer).filter(at__gte=submission.created_at)
        ),
    ]
    draft = standing.draft
    if draft is not None and filings:
        answering = (row for row in asked if row.ended_at is None and row.asked_at <= draft.opened_at)
        events.append(Event(at=draft.opened_at, kind=EventKind.AMENDING, complement=next(answering, None)))
    # Events of one transaction have the same instant. The sort is stable: a ruling stays before the move it causes.
    return sorted(events, key=lambda event: event.at)[::-1]


def mails_of(submission: Submission) -> list[Mail]:
    """Return the mails to the candidate about this submission, latest first. Two queries."""
    filings = submission.filings.select_related("receipt")
    receipts = {str(filing.receipt.pk): filing.receipt for filing in filings}
    found = mails_about([submission, *receipts.values()], of_kinds=MAIL_LABELS)
    return [
        Mail(
            label=MAIL_LABELS[delivery.kind],
            number=receipts[delivery.subject_id].number if delivery.kind in _FILING_MAILS else "",
            asked_at=delivery.created_at,
            state=state,
        )
        for delivery, state in ((delivery, state_of(delivery)) for delivery in found)
        # Leave out DONE without success or failure: the mail was obsolete, or it is unknown whether it was sent.
        if state.state != Delivery.State.DONE or state.is_sent or state.has_failed
    ]


def _filing_events(filings: list[Filing], answered: dict[int | None, ComplementRequest]) -> Iterator[Event]:
    following = {filing.replaces_id: filing for filing in filings}
    for filing in filings:
        kind = EventKind.AMENDED if filing.replaces_id else EventKind.FILED
        yield Event(
            at=filing.received_at,
            kind=EventKind.COMPLEMENT_ANSWERED if filing.pk in answered else kind,
            filing=filing,
            complement=answered.get(filing.pk),
            dossier=getattr(filing.seal, "dossier", None),  # None until it is generated
            replaced_by=following.get(filing.pk),
            under_reserve=requests_review(filing),
        )


def _human_review_events(submission: Submission, filings: Iterable[Filing]) -> Iterator[Event]:
    """Yield the end of each human review: the instant of the last ruling, once every refused finding has one."""
    judged: dict[int, dict[int, dict[int, Ruling]]] = defaultdict(lambda: defaultdict(dict))
    for row in Ruling.objects.filter(filing__submission=submission).order_by("pk"):
        judged[row.filing_id][row.turn][row.position] = row
    # A filing with kept rulings is left out: the event of the earlier filing shows them.
    asked = [filing for filing in filings if requests_review(filing)]
    reviews = [(filing, rulings) for filing in asked for rulings in judged[filing.pk].values()]
    for filing, rulings in reviews:
        if rulings.keys() != _refused_positions_of(filing):
            continue
        upheld = any(row.decision == Ruling.Decision.CONFIRMED for row in rulings.values())
        yield Event(
            at=max(row.at for row in rulings.values()),
            kind=EventKind.RESERVE_UPHELD if upheld else EventKind.RESERVE_LIFTED,
            filing=filing,
        )


def _refused_positions_of(filing: Filing) -> set[int]:
    try:
        return set(refused_positions(read_seal(filing.seal).verdict))
    except AnonymisedError:
        return set()


def _move_events(submission: Submission) -> Iterator[Event]:
    for row in submission.transitions.filter(action__in=_VISIBLE_ACTIONS).order_by("pk"):
        action = Action(row.action)
        yield Event(
            at=row.at,
            kind=_VISIBLE_ACTIONS[action],
            reason=row.reason if action is Action.WITHDRAW else "",
            words=row.reason if TABLE[action].announced else "",
        )
