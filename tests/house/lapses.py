"""What waits in the outbox and may be overtaken: how each kind is asked for, what stops it, and what must not.

`LAPSES` and `NEVER` are written by hand, for every kind that a room registers. Each condition is made true by the
services that the portal uses, and is tried by `test_lapses`.
"""

import smtplib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.utils import timezone

from intake.accounts.models import User
from intake.accounts.roles import Role
from intake.accounts.services import set_roles
from intake.outbox import kinds
from intake.outbox.leases import complete_delivery, lease_delivery
from intake.outbox.models import Delivery, Message
from intake.outbox.outages import MailServerAwayError
from intake.outbox.services import resend_mail
from intake.review.models import Assignment, CommitteeMember, Evidence
from intake.review.services import (
    Basis,
    assign_files,
    cancel_order,
    declare_conflict,
    remove_assignments,
    remove_committee_member,
    revoke_batch,
    stop_bulk_run,
    verify_finding,
)
from intake.review.services.export_orders import remove_order
from intake.submissions.models import Draft, Submission
from intake.submissions.services import (
    extend_for_person,
    move_submission,
    remind_of_complements,
    remind_of_drafts,
    request_complement,
    resume_without_complement,
    withdraw_submission,
)
from intake.submissions.states import Action
from offers.services import cancel_offer, correct_offer, extend_deadline
from tests.factories.complements import answer, ask, make_filed_and_closed, what
from tests.factories.decisions import decide, make_batch, release
from tests.factories.exports import job_of, make_frozen, make_order
from tests.factories.people import make_staff
from tests.factories.review import (
    judge,
    make_bulk_run,
    make_conflict,
    make_dossier,
    make_filed,
    make_reserved,
    make_reviewer,
    make_shortlisted,
    mark,
)
from tests.factories.submissions import make_draft, make_open_offer
from tests.submissions.afterwards import file_again
from tests.submissions.losing import erase_every_seal

TWO_DAYS: Final = timedelta(days=2)
TICK: Final = timedelta(minutes=1)


@dataclass
class Waiting:
    """A delivery that waits, what it is about, and the instant at which a worker is to take it."""

    delivery: Delivery
    about: Any
    reader: User
    at: datetime = field(default_factory=timezone.now)

    def do(self) -> None:
        """Let a worker do it."""
        kinds.get(self.delivery.kind).handler(self.delivery, self.at)


type Condition = Callable[[Waiting], object]


@dataclass(frozen=True)
class Row:
    """How a kind comes to wait, what keeps it from being done, and what does not, however much it looks as if."""

    begin: Callable[[], Waiting]
    lapses: dict[str, Condition]
    holds: dict[str, Condition] = field(default_factory=dict)


def _one(kind: str) -> Delivery:
    return Delivery.objects.get(kind=kind)


def _in_vain(waiting: Waiting) -> None:
    """Let a worker write the mail, an hour ago, and find the mail server away."""

    def away(*_arguments: object) -> int:
        raise smtplib.SMTPServerDisconnected

    with pytest.MonkeyPatch.context() as patch, pytest.raises(MailServerAwayError):
        patch.setattr(EmailBackend, "send_messages", away)
        waiting.do()
    # A test is one transaction, whose instant is when it began.
    Message.objects.update(created_at=timezone.now() - timedelta(hours=1))


def _leave_and_ask_again(waiting: Waiting) -> None:
    """Let the mail leave, and somebody ask that it leave once more."""
    leased = lease_delivery(delivery_id=waiting.delivery.pk, at=timezone.now() + TICK)
    assert leased is not None
    waiting.do()
    complete_delivery(delivery=leased, at=timezone.now())
    mail.outbox.clear()
    waiting.delivery = resend_mail(delivery=leased, actor=make_staff())


def _close_account(waiting: Waiting) -> None:
    User.objects.filter(pk=waiting.reader.pk).update(is_active=False)


def _cancel_offer(waiting: Waiting) -> None:
    offer = waiting.about.offer
    offer.refresh_from_db()
    cancel_offer(offer=offer, author=make_staff(), reason="Retrait.", at=timezone.now())


def _withdraw(waiting: Waiting) -> None:
    withdraw_submission(submission=waiting.about, actor=waiting.about.candidate, reason="Autre projet.")


def _file(waiting: Waiting) -> None:
    file_again(Draft.objects.get(submission=waiting.about))


def _erase(_waiting: Waiting) -> None:
    with connection.cursor() as cursor:  # what is checked at a commit is checked now
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    erase_every_seal()


def _first(*conditions: Condition) -> Condition:
    """Return the condition that is made of several, one after the other."""

    def all_of(waiting: Waiting) -> None:
        for condition in conditions:
            condition(waiting)

    return all_of


def _extend_for_everyone(waiting: Waiting, *, days: int = 60) -> None:
    offer = waiting.about.offer
    offer.refresh_from_db()
    extend_deadline(
        offer=offer,
        author=make_staff(),
        reason="Panne.",
        closes_on=timezone.now().astimezone(offer.zone).date() + timedelta(days=days),
        at=timezone.now(),
    )


# -- About an offer -------------------------------------------------------------------------------------------------
def _change() -> Waiting:
    submission = make_draft().submission
    header = {"place": "Genève, Suisse"}
    correct_offer(
        offer=submission.offer, author=make_staff(), reason="Erreur.", at=timezone.now(), header=header
    )
    kinds.get("OFFER_CHANGE").handler(_one("OFFER_CHANGE"), timezone.now())
    return Waiting(_one("OFFER_CHANGE_MAIL"), submission, submission.candidate)


def _more_time() -> Waiting:
    submission = make_draft().submission
    offer = submission.offer
    extend_for_person(
        offer=offer,
        candidate=submission.candidate,
        author=make_staff(),
        reason="Panne.",
        closes_on=offer.closes_on + timedelta(days=10),
        at=timezone.now(),
    )
    return Waiting(_one("PERSONAL_EXTENSION_MAIL"), submission, submission.candidate)


def _their_time_is_over(waiting: Waiting) -> None:
    waiting.at = Submission.objects.get(pk=waiting.about.pk).window.closes_at


def _reminder() -> Waiting:
    submission = make_draft().submission
    at = submission.window.closes_at - TWO_DAYS
    remind_of_drafts(at=at)
    return Waiting(_one("DRAFT_REMINDER_MAIL"), submission, submission.candidate, at + TICK)


def _a_more_urgent_one_is_due(waiting: Waiting) -> None:
    waiting.at += TWO_DAYS - timedelta(hours=6)


# -- About a complement ---------------------------------------------------------------------------------------------
def _complement() -> Waiting:
    submission = make_filed_and_closed()
    ask(submission)
    return Waiting(_one("COMPLEMENT_REQUEST_MAIL"), submission, submission.candidate)


def _complement_reminder() -> Waiting:
    submission = make_filed_and_closed()
    at = ask(submission).due_at - TWO_DAYS
    remind_of_complements(at=at)
    return Waiting(_one("COMPLEMENT_REMINDER_MAIL"), submission, submission.candidate, at)


def _resumed() -> Waiting:
    submission = make_filed(make_open_offer())
    ask(submission)
    resume_without_complement(submission=submission, actor=make_staff(), reason="Lisible.")
    submission.refresh_from_db()
    return Waiting(_one("COMPLEMENT_RESUMED_MAIL"), submission, submission.candidate)


def _resume(waiting: Waiting) -> None:
    resume_without_complement(submission=waiting.about, actor=make_staff(), reason="Lisible.")


def _ask_again(waiting: Waiting) -> None:
    request_complement(submission=waiting.about, actor=make_staff(), asked=what(waiting.about, days=20))


def _refuse(waiting: Waiting) -> None:
    decide(waiting.about, action=Action.FIND_INADMISSIBLE, word="Hors délai.")


COMPLEMENT: Final[dict[str, Condition]] = {
    "answered": lambda waiting: answer(waiting.about),
    "resumed": _resume,
    "withdrawn": _withdraw,
    "asked again": _ask_again,
    "its time is over": lambda waiting: setattr(waiting, "at", waiting.about.complements.get().due_at),
    "account closed": _close_account,
    "offer cancelled": _cancel_offer,
    "what was filed is erased": _erase,
}


# -- About a decision -----------------------------------------------------------------------------------------------
def _decision() -> Waiting:
    submission = make_shortlisted(make_open_offer())
    decide(submission, action=Action.PUT_ON_RESERVE)
    submission.refresh_from_db()
    return Waiting(_one("DECISION_MAIL"), submission, submission.candidate)


def _decide_otherwise(waiting: Waiting) -> None:
    decide(waiting.about, action=Action.DECLINE)


def _elsewhere(action: Action) -> Waiting:
    """Select a person who has another file, or take it back; a member of the staff is to be told."""
    reader = make_staff(email="lectrice@exemple.invalid")
    selected = make_shortlisted(make_open_offer())
    other = make_shortlisted(make_open_offer(), candidate=selected.candidate)
    decide(selected, action=Action.SELECT)
    kind = "SELECTED_ELSEWHERE_MAIL"
    if action is Action.TAKE_BACK:
        decide(selected, action=action, word="Vu la pièce.")
        kind = "SELECTION_TAKEN_BACK_MAIL"
    told = Delivery.objects.get(kind=kind, key__endswith=f"-{reader.pk}")
    return Waiting(told, other, reader)


def _contradicted() -> Waiting:
    reader = make_staff()
    selected = make_shortlisted(make_open_offer())
    decide(selected, action=Action.SELECT)
    selected.refresh_from_db()
    filing = selected.standing_filing
    assert filing is not None
    verify_finding(
        filing=filing,
        position=filing.verdict.blocking[0],
        outcome=Evidence.Outcome.CONTRADICTED,
        basis=Basis(note="Le relevé dit autre chose."),
        actor=make_staff(),
    )
    told = Delivery.objects.get(kind="CONTRADICTED_MAIL", key__endswith=f"-{reader.pk}")
    return Waiting(told, selected, reader)


def _declare_conflict(waiting: Waiting) -> None:
    declare_conflict(submission=waiting.about, reviewer=waiting.reader, actor=waiting.reader)


def _lose_role(waiting: Waiting) -> None:
    set_roles(user=waiting.reader, roles={Role.REVIEWER}, actor=make_staff())


MAY_NOT_KNOW: Final[dict[str, Condition]] = {
    "account closed": _close_account,
    "in conflict since": _declare_conflict,
    "decides no more": _lose_role,
}


def _batch() -> Waiting:
    submission = make_shortlisted(make_open_offer())
    batch = release(make_batch(submission))
    assert batch.released_by is not None
    return Waiting(_one("DECISIONS"), submission, batch.released_by)


def _call_off(waiting: Waiting) -> None:
    batch = waiting.about.decision_items.get().batch
    revoke_batch(batch=batch, actor=make_staff(), at=timezone.now())


# -- Other jobs -----------------------------------------------------------------------------------------------------
def _many() -> Waiting:
    submission, staff = make_filed(make_open_offer()), make_staff()
    run = make_bulk_run(submission, staff)
    return Waiting(_one("bulk_run"), run, staff)


def _export() -> Waiting:
    offer, staff = make_open_offer(), make_staff()
    make_dossier(make_shortlisted(offer))
    order = make_order(staff, make_frozen(offer), "csv")
    return Waiting(job_of(order), order, staff)


def _assigned() -> Waiting:
    offer = make_open_offer()
    file, member = make_filed(offer), make_reviewer(offer)
    assign_files(
        offer=offer,
        pairs=[(file.pk, member.pk)],
        way=Assignment.Way.HAND,
        due_on=None,
        actor=make_staff(),
        at=timezone.now(),
    )
    return Waiting(_one("ASSIGNED_MAIL"), file, member)


def _take_back(waiting: Waiting) -> None:
    pairs = [(waiting.about.pk, waiting.reader.pk)]
    assert remove_assignments(offer=waiting.about.offer, pairs=pairs, actor=make_staff()) == 1


def _unseat(waiting: Waiting) -> None:
    seat = CommitteeMember.objects.get(reviewer=waiting.reader)
    remove_committee_member(member=seat, actor=make_staff())


# -- What is sent whatever comes after ------------------------------------------------------------------------------
def _receipt() -> Waiting:
    submission = make_filed(make_open_offer())
    return Waiting(_one("RECEIPT_MAIL"), submission, submission.candidate)


def _dossier() -> Waiting:
    waiting = _receipt()
    kinds.get("DOSSIER").handler(_one("DOSSIER"), timezone.now())
    return Waiting(_one("DOSSIER_MAIL"), waiting.about, waiting.reader)


def _ruled() -> Waiting:
    submission = make_reserved(make_open_offer())
    assert submission.standing_filing is not None
    judged = "OVERTURNED"
    judge(submission, 1, judged)  # type: ignore[arg-type] -- the stored value of the decision
    return Waiting(_one("RULINGS_MAIL"), submission, submission.candidate)


WHATEVER: Final[dict[str, Condition]] = {
    "withdrawn": _withdraw,
    "offer cancelled": _cancel_offer,
    "account closed": _close_account,
}

LAPSES: Final[dict[str, Row]] = {
    "OFFER_CHANGE_MAIL": Row(
        _change,
        {
            "account closed": _close_account,
            "filed since it was written": _first(_in_vain, _file),
            "cancelled since it was written": _first(_in_vain, _cancel_offer),
        },
        {
            "filed before it is written": _file,
            "cancelled before it is written": _cancel_offer,
            "written by an attempt that failed": _in_vain,
        },
    ),
    "PERSONAL_EXTENSION_MAIL": Row(
        _more_time,
        {
            "account closed": _close_account,
            "offer cancelled": _cancel_offer,
            "their time is over": _their_time_is_over,
            "everybody has as much": _extend_for_everyone,
            "filed since it was written": _first(_in_vain, _file),
        },
        {"filed before it is written": _file, "written by an attempt that failed": _in_vain},
    ),
    "DRAFT_REMINDER_MAIL": Row(
        _reminder,
        {
            "account closed": _close_account,
            "offer cancelled": _cancel_offer,
            "filed": _file,
            "their time is over": _their_time_is_over,
            "they have more time": _extend_for_everyone,
            "a more urgent one is due": _a_more_urgent_one_is_due,
        },
    ),
    "COMPLEMENT_REQUEST_MAIL": Row(_complement, COMPLEMENT),
    "COMPLEMENT_REMINDER_MAIL": Row(_complement_reminder, COMPLEMENT),
    "COMPLEMENT_RESUMED_MAIL": Row(
        _resumed,
        {
            "filed anew": lambda waiting: answer(waiting.about),
            "asked again": _ask_again,
            "withdrawn": _withdraw,
            "refused": _refuse,
            "account closed": _close_account,
            "offer cancelled": _cancel_offer,
            "what was filed is erased": _erase,
        },
        {
            "long after": lambda waiting: setattr(waiting, "at", waiting.at + timedelta(days=30)),
            "studied": lambda waiting: move_submission(
                submission=waiting.about, action=Action.START_REVIEW, actor=make_staff()
            ),
        },
    ),
    "DECISION_MAIL": Row(
        _decision,
        {
            "sent again after another decision": _first(_leave_and_ask_again, _decide_otherwise),
            "sent again to a closed account": _first(_leave_and_ask_again, _close_account),
        },
        {
            "sent again": _leave_and_ask_again,
            "never sent, and decided otherwise since": _decide_otherwise,
            "never sent to a closed account": _close_account,
        },
    ),
    "SELECTED_ELSEWHERE_MAIL": Row(lambda: _elsewhere(Action.SELECT), MAY_NOT_KNOW),
    "SELECTION_TAKEN_BACK_MAIL": Row(lambda: _elsewhere(Action.TAKE_BACK), MAY_NOT_KNOW),
    "CONTRADICTED_MAIL": Row(_contradicted, MAY_NOT_KNOW),
    "ASSIGNED_MAIL": Row(
        _assigned,
        {
            "in conflict since": lambda waiting: make_conflict(waiting.about, waiting.reader),
            "marked already": lambda waiting: mark(waiting.about, waiting.reader, 4),
            "taken back": _take_back,
            "no longer on the committee": _unseat,
            "told by another mail": lambda _waiting: Assignment.objects.update(told_at=timezone.now()),
        },
    ),
    "DECISIONS": Row(
        _batch,
        {
            "called off": _call_off,
            "approved by somebody who decides no more": _lose_role,
            "approved by somebody in conflict since": _declare_conflict,
            "sent already": Waiting.do,
        },
        {"offer cancelled, of a refusal": _cancel_offer},
    ),
    "bulk_run": Row(
        _many,
        {
            "stopped": lambda waiting: stop_bulk_run(run=waiting.about, actor=make_staff()),
            "done already": Waiting.do,
            "asked by somebody who decides no more": _lose_role,
        },
    ),
    "EXPORT": Row(
        _export,
        {
            "cancelled": lambda waiting: cancel_order(order=waiting.about, actor=waiting.reader),
            "its time is over": lambda waiting: remove_order(
                job_of(waiting.about, "EXPORT_REMOVAL"), timezone.now()
            ),
            "asked by somebody who exports no more": _lose_role,
            "written already": Waiting.do,
        },
    ),
    # What proves or answers something that was done is sent whatever came after.
    "RECEIPT_MAIL": Row(_receipt, {}, WHATEVER),
    "DOSSIER_MAIL": Row(_dossier, {}, WHATEVER),
    "RULINGS_MAIL": Row(_ruled, {}, WHATEVER),
}

NEVER: Final[dict[str, str]] = {
    "RECEIPT_PDF": "the proof of a filing is made whatever came after; made twice, it is one",
    "RECEIPT_PDF_IN_ENGLISH": "as RECEIPT_PDF",
    "DOSSIER": "what was filed is bound for those who study it; made twice, it is one",
    "OFFER_CHANGE": "it asks for a mail to each person, of which each lapses by itself",
    "DRAFT_REMINDERS": "it asks for what is due when it runs",
    "COMPLEMENT_REMINDERS": "it asks for what is due when it runs",
    "EXPORT_REMOVAL": "what must not be kept is removed; removed twice, it is gone",
    "PUBLIC_LOG": "it logs what is not logged yet",
    "UPLOADS_RECLAIM": "it takes back what nothing uses when it runs",
    "CHECK_INVARIANTS": "it asks for each invariant of the day",
    "CHECK_INVARIANT": "it looks at what stands when it runs",
}
"""Kinds that nothing overtakes, and why."""
