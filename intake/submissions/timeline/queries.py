"""What happened to a candidature, and what was written to its candidate: only what they may already know.

A move that is not released to them (a shortlisting, and leaving it) is no event here: see `_RELEASED`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from intake.dossiers.models import Dossier
from intake.dossiers.services import AnonymisedError, read_seal
from intake.outbox.models import Delivery
from intake.outbox.selectors import MessageState, mails_about, state_of
from intake.submissions.delivery_kinds import (
    COMPLEMENT_REMINDER_MAIL,
    COMPLEMENT_REQUEST_MAIL,
    COMPLEMENT_RESUMED_MAIL,
    DECISION_MAIL,
    DOSSIER_MAIL,
    DRAFT_REMINDER_MAIL,
    OFFER_CHANGE_MAIL,
    PERSONAL_EXTENSION_MAIL,
    RECEIPT_MAIL,
    RULINGS_MAIL,
)
from intake.submissions.lifecycle.candidate_status import CandidateStatus
from intake.submissions.models import ComplementRequest, Filing, Receipt, Ruling, Submission
from intake.submissions.rulings.queries import refused_positions, requests_review
from intake.submissions.states import TABLE, Action
from offers.models import OfferChange
from offers.selectors import candidate_visible_changes

MAIL_LABELS: Final = {
    RECEIPT_MAIL: _("Accusé de réception"),
    DOSSIER_MAIL: _("Dossier en PDF"),
    RULINGS_MAIL: _("Réponse à votre demande de révision"),
    COMPLEMENT_REQUEST_MAIL: _("Demande de complément"),
    COMPLEMENT_REMINDER_MAIL: _("Rappel : complément demandé"),
    COMPLEMENT_RESUMED_MAIL: _("Complément : plus rien à envoyer"),
    DECISION_MAIL: _("Décision sur votre candidature"),
    OFFER_CHANGE_MAIL: _("Changement de l’offre"),
    PERSONAL_EXTENSION_MAIL: _("Délai personnel accordé"),
    DRAFT_REMINDER_MAIL: _("Rappel : brouillon non déposé"),
}
"""The mails that a candidature's own page lists, as their reader calls them."""
_FILING_MAIL_KINDS: Final = frozenset(
    {
        RECEIPT_MAIL,
        DOSSIER_MAIL,
        RULINGS_MAIL,
        DECISION_MAIL,
        COMPLEMENT_REQUEST_MAIL,
        COMPLEMENT_REMINDER_MAIL,
        COMPLEMENT_RESUMED_MAIL,
    }
)
"""Those whose subject is a receipt; the others' is the candidature."""


class EventKind(StrEnum):
    """What happened."""

    STARTED = "STARTED"
    FILED = "FILED"
    AMENDED = "AMENDED"
    AMENDING = "AMENDING"
    UNDER_REVIEW = "UNDER_REVIEW"
    COMPLEMENT_REQUESTED = "COMPLEMENT_REQUESTED"
    COMPLEMENT_ANSWERED = "COMPLEMENT_ANSWERED"
    """A filing that answers one."""
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
"""The moves that a candidate is shown. Filings and complement requests are read from their own rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened. What is None or empty does not go with this kind."""

    at: datetime
    kind: EventKind
    filing: Filing | None = None
    dossier: Dossier | None = None
    replaced_by: Filing | None = None
    under_reserve: bool = False
    reason: str = ""
    """The candidate's own words."""
    words: str = ""
    """What the message of a decision said beside the usual."""
    change: OfferChange | None = None
    complement: ComplementRequest | None = None
    """What was asked for, or what a filing, or a draft, answers."""

    @property
    def is_filing(self) -> bool:
        """It is one of the candidature's filings."""
        return self.kind in {EventKind.FILED, EventKind.AMENDED, EventKind.COMPLEMENT_ANSWERED}


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail to the candidate, and where it is."""

    label: Promise
    number: str
    """Of the receipt that it is about; empty for one about the offer."""
    asked_at: datetime
    state: MessageState


def events_of(standing: CandidateStatus) -> list[Event]:
    """Return what happened, latest first; as many queries whatever there is to tell."""
    submission = standing.submission
    filings = _filings_of(submission)
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
    # The sort keeps the order above for what one transaction did: judged, and moved by that judgement.
    return sorted(events, key=lambda event: event.at)[::-1]


def mails_of(submission: Submission) -> list[Mail]:
    """Return the mails written to the candidate about this candidature, latest first; two queries."""
    filings = submission.filings.select_related("receipt")
    receipts = {str(filing.receipt.pk): filing.receipt for filing in filings}
    found = mails_about([submission, *receipts.values()], of_kinds=MAIL_LABELS)
    return [
        Mail(
            label=MAIL_LABELS[delivery.kind],
            number=receipts[delivery.subject_id].number if delivery.kind in _FILING_MAIL_KINDS else "",
            asked_at=delivery.created_at,
            state=state,
        )
        for delivery, state in ((delivery, state_of(delivery)) for delivery in found)
        # A reminder that lapsed on its way was never written, or nobody knows whether it left.
        if state.state != Delivery.State.DONE or state.is_sent or state.has_failed
    ]


def last_mail(receipt: Receipt, kind: str) -> MessageState | None:
    """Return where the last mail of this kind about `receipt` is, or None when none was asked for. One query."""
    delivery = mails_about([receipt], of_kinds=[kind]).first()
    return state_of(delivery) if delivery is not None else None


def _filings_of(submission: Submission) -> list[Filing]:
    rows = submission.filings.select_related("receipt", "verdict", "seal__dossier", "replaces__receipt")
    return list(rows.order_by("sequence"))


def _filing_events(filings: list[Filing], answered: dict[int | None, ComplementRequest]) -> Iterator[Event]:
    following = {filing.replaces_id: filing for filing in filings}
    for filing in filings:
        kind = EventKind.AMENDED if filing.replaces_id else EventKind.FILED
        yield Event(
            at=filing.received_at,
            kind=EventKind.COMPLEMENT_ANSWERED if filing.pk in answered else kind,
            filing=filing,
            complement=answered.get(filing.pk),
            dossier=getattr(filing.seal, "dossier", None),  # not made yet
            replaced_by=following.get(filing.pk),
            under_reserve=requests_review(filing),
        )


def _human_review_events(submission: Submission, filings: Iterable[Filing]) -> Iterator[Event]:
    """Tell when each reserve was settled: once a person had judged all that the rules refuse, in each review of it."""
    judged: dict[int, dict[int, dict[int, Ruling]]] = defaultdict(lambda: defaultdict(dict))
    for row in Ruling.objects.filter(filing__submission=submission).order_by("pk"):
        judged[row.filing_id][row.turn][row.position] = row
    # What keeps a reserve that was lifted before it bears the same rulings: they were told of the filing before.
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
