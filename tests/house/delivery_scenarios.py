"""Scenarios for deliveries: how each kind is posted, and what may happen to its subject before a worker performs it."""

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

from intake.accounts.changes import ask_change
from intake.accounts.models import AccountChange, User
from intake.accounts.roles import Role
from intake.accounts.second_factor.invitations import give_invitation
from intake.accounts.second_factor.services import add_application
from intake.accounts.services import set_roles
from intake.outbox import kinds
from intake.outbox.leases import complete_delivery, lease_delivery
from intake.outbox.messages import MailServerUnavailableError
from intake.outbox.models import Delivery, Message
from intake.outbox.services import post_in_slices, resend_mail
from intake.privacy.retention.queries import erasure_day
from intake.review.assignment.operations import assign_files, remove_assignments
from intake.review.committees.operations import declare_conflict, remove_committee_member
from intake.review.decisions.operations import revoke_batch
from intake.review.evidence.operations import Basis, verify_finding
from intake.review.models import Assignment, CommitteeMember, Evidence
from intake.submissions.after_filing.operations import start_amendment, withdraw_submission
from intake.submissions.complements.operations import request_complement
from intake.submissions.extensions.operations import extend_personal_deadline
from intake.submissions.filing.arrivals import file_waiting
from intake.submissions.mails.reminders import remind_of_complements, remind_of_drafts
from intake.submissions.models import Draft, Ruling, Submission
from intake.submissions.states import Action
from offers.services.cancelling import ask_cancellation, refuse_cancellation
from offers.services.correcting import correct_offer
from offers.services.lifecycle import extend_deadline
from tests.database_roles import as_owner
from tests.factories.complements import (
    complement_content,
    file_answer,
    make_filed_and_closed,
    request_complement_for,
    resume_without_complement,
)
from tests.factories.decisions import decide, make_batch, release
from tests.factories.exports import job_of, make_frozen, make_order
from tests.factories.factors import SECRET, code_at, make_application
from tests.factories.offers import cancel_offer
from tests.factories.people import change_as_operator, make_administrator, make_staff, make_user
from tests.factories.review import (
    make_bulk_run,
    make_dossier,
    make_filed,
    make_filed_for_review,
    make_reviewer,
    make_ruling,
    make_shortlisted,
)
from tests.factories.submissions import make_arrival, make_draft, make_open_offer
from tests.submissions.filed_pages import file_again
from tests.submissions.lost_files import erase_every_seal

TWO_DAYS: Final = timedelta(days=2)
TICK: Final = timedelta(minutes=1)


@dataclass
class Waiting:
    """A pending delivery, its subject, and the instant (aware) at which a worker performs it."""

    delivery: Delivery
    about: Any
    reader: User
    at: datetime = field(default_factory=timezone.now)

    def do(self) -> None:
        """Perform the delivery."""
        kinds.get(self.delivery.kind).handler(self.delivery, self.at)


type Condition = Callable[[Waiting], object]


def one(kind: str) -> Delivery:
    return Delivery.objects.get(kind=kind)


def send_during_outage(waiting: Waiting) -> None:
    """Perform the delivery while the mail server does not respond; its mail was written one hour ago."""

    def away(*_arguments: object) -> int:
        raise smtplib.SMTPServerDisconnected

    with pytest.MonkeyPatch.context() as patch, pytest.raises(MailServerUnavailableError):
        patch.setattr(EmailBackend, "send_messages", away)
        waiting.do()
    # A test is one transaction: its database instant is the one at which it began.
    Message.objects.update(created_at=timezone.now() - timedelta(hours=1))


def leave_and_ask_again(waiting: Waiting) -> None:
    """Send the mail, then have staff post it again."""
    leased = lease_delivery(delivery_id=waiting.delivery.pk, at=timezone.now() + TICK)
    assert leased is not None
    waiting.do()
    complete_delivery(delivery=leased, at=timezone.now())
    mail.outbox.clear()
    waiting.delivery = resend_mail(delivery=leased, actor=make_staff())


def close_account(waiting: Waiting) -> None:
    User.objects.filter(pk=waiting.reader.pk).update(is_active=False)


def cancel_its_offer(waiting: Waiting) -> None:
    offer = waiting.about.offer
    offer.refresh_from_db()
    cancel_offer(offer=offer, author=make_staff(), reason="Retrait.", at=timezone.now())


def withdraw(waiting: Waiting) -> None:
    withdraw_submission(submission=waiting.about, actor=waiting.about.candidate, reason="Autre projet.")


def file(waiting: Waiting) -> None:
    file_again(Draft.objects.get(submission=waiting.about))


def erase(_waiting: Waiting) -> None:
    with connection.cursor() as cursor:  # deferred constraints are checked now
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    erase_every_seal()


def first(*conditions: Condition) -> Condition:
    """Return the condition that applies `conditions` in order."""

    def all_of(waiting: Waiting) -> None:
        for condition in conditions:
            condition(waiting)

    return all_of


def extend_for_everyone(waiting: Waiting, *, days: int = 60) -> None:
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
def change() -> Waiting:
    submission = make_draft().submission
    header = {"place": "Genève, Suisse"}
    correct_offer(
        offer=submission.offer, author=make_staff(), reason="Erreur.", at=timezone.now(), header=header
    )
    kinds.get("OFFER_CHANGE").handler(one("OFFER_CHANGE"), timezone.now())
    return Waiting(one("OFFER_CHANGE_MAIL"), submission, submission.candidate)


def more_time() -> Waiting:
    submission = make_draft().submission
    offer = submission.offer
    extend_personal_deadline(
        offer=offer,
        candidate=submission.candidate,
        author=make_staff(),
        reason="Panne.",
        closes_on=offer.closes_on + timedelta(days=10),
        at=timezone.now(),
    )
    return Waiting(one("PERSONAL_EXTENSION_MAIL"), submission, submission.candidate)


def expire_deadline(waiting: Waiting) -> None:
    waiting.at = Submission.objects.get(pk=waiting.about.pk).window.closes_at


def reminder() -> Waiting:
    submission = make_draft().submission
    at = submission.window.closes_at - TWO_DAYS
    remind_of_drafts(at=at)
    return Waiting(one("DRAFT_REMINDER_MAIL"), submission, submission.candidate, at + TICK)


def post_urgent_reminder(waiting: Waiting) -> None:
    waiting.at += TWO_DAYS - timedelta(hours=6)


# -- About a complement ---------------------------------------------------------------------------------------------
def complement() -> Waiting:
    submission = make_filed_and_closed()
    request_complement_for(submission)
    return Waiting(one("COMPLEMENT_REQUEST_MAIL"), submission, submission.candidate)


def complement_reminder() -> Waiting:
    submission = make_filed_and_closed()
    at = request_complement_for(submission).due_at - TWO_DAYS
    remind_of_complements(at=at)
    return Waiting(one("COMPLEMENT_REMINDER_MAIL"), submission, submission.candidate, at)


def resumed() -> Waiting:
    submission = make_filed(make_open_offer())
    request_complement_for(submission)
    resume_without_complement(submission=submission, actor=make_staff(), reason="Lisible.")
    submission.refresh_from_db()
    return Waiting(one("COMPLEMENT_RESUMED_MAIL"), submission, submission.candidate)


def factor_added() -> Waiting:
    user = make_user()
    factor = make_application(user)
    return Waiting(one("SECOND_FACTOR_MAIL"), factor, user)


def invited() -> Waiting:
    user = make_staff()
    invitation = give_invitation(user=user, actor=None, at=timezone.now())
    return Waiting(one("INVITATION_MAIL"), invitation, user)


def use_invitation(waiting: Waiting) -> None:
    at = timezone.now()
    invitation = str(waiting.about.public_id)
    add_application(user=waiting.reader, secret=SECRET, code=code_at(at), at=at, invitation=invitation)


def take_role(waiting: Waiting) -> None:
    kind = AccountChange.Kind.ROLES
    change_as_operator(person=waiting.reader, kind=kind, value="", reason="Départ.", at=waiting.at)


def withdrawn() -> Waiting:
    submission = make_filed(make_open_offer())
    withdraw_submission(submission=submission, actor=submission.candidate, reason="Autre projet.")
    return Waiting(one("WITHDRAWAL_MAIL"), submission, submission.candidate)


def arrival_refused() -> Waiting:
    """Have a draft without documents arrive, and a worker refuse it."""
    draft = make_draft(documents=False)
    make_arrival(draft)
    file_waiting(Delivery(), timezone.now())
    return Waiting(one("ARRIVAL_REFUSED_MAIL"), draft.submission, draft.submission.candidate)


def complete_and_file(waiting: Waiting) -> None:
    draft = waiting.about.drafts.get()
    draft.submission.offer.documents.update(required=False)
    file_again(draft)


def arrive_again(waiting: Waiting) -> None:
    make_arrival(waiting.about.drafts.get())


def erasure_notice() -> Waiting:
    submission = make_filed(make_open_offer())
    assert submission.standing_filing is not None
    receipt, day = submission.standing_filing.receipt, erasure_day(submission)
    post_in_slices(
        kind="ERASURE_NOTICE_MAIL", subjects=[(f"{receipt.number}/{day}", receipt)], at=timezone.now()
    )
    return Waiting(one("ERASURE_NOTICE_MAIL"), submission, submission.candidate)


def begin_again(waiting: Waiting) -> None:
    start_amendment(submission=waiting.about, actor=waiting.about.candidate)


def submit_again(waiting: Waiting) -> None:
    file_again(start_amendment(submission=waiting.about, actor=waiting.about.candidate))


def resume(waiting: Waiting) -> None:
    resume_without_complement(submission=waiting.about, actor=make_staff(), reason="Lisible.")


def ask_again(waiting: Waiting) -> None:
    request_complement(
        submission=waiting.about, actor=make_staff(), asked=complement_content(waiting.about, days=20)
    )


def refuse(waiting: Waiting) -> None:
    decide(waiting.about, action=Action.FIND_INADMISSIBLE, word="Hors délai.")


COMPLEMENT: Final[dict[str, Condition]] = {
    "answered": lambda waiting: file_answer(waiting.about),
    "resumed": resume,
    "withdrawn": withdraw,
    "asked again": ask_again,
    "its time is over": lambda waiting: setattr(waiting, "at", waiting.about.complements.get().due_at),
    "account closed": close_account,
    "offer cancelled": cancel_its_offer,
    "what was filed is erased": erase,
}


# -- About a decision -----------------------------------------------------------------------------------------------
def decision() -> Waiting:
    submission = make_shortlisted(make_open_offer())
    decide(submission, action=Action.PUT_ON_RESERVE)
    submission.refresh_from_db()
    return Waiting(one("DECISION_MAIL"), submission, submission.candidate)


def decide_otherwise(waiting: Waiting) -> None:
    decide(waiting.about, action=Action.DECLINE)


def elsewhere(action: Action) -> Waiting:
    """Select a candidate who has another submission, or take the selection back; a staff member is notified."""
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


def contradicted() -> Waiting:
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


def be_in_conflict(waiting: Waiting) -> None:
    declare_conflict(submission=waiting.about, reviewer=waiting.reader, actor=waiting.reader)


def lose_role(waiting: Waiting) -> None:
    with as_owner():
        set_roles(user=waiting.reader, roles={Role.REVIEWER}, actor=make_staff())


MAY_NOT_KNOW: Final[dict[str, Condition]] = {
    "account closed": close_account,
    "in conflict since": be_in_conflict,
    "decides no more": lose_role,
}


def batch() -> Waiting:
    submission = make_shortlisted(make_open_offer())
    batch = release(make_batch(submission))
    assert batch.released_by is not None
    return Waiting(one("DECISIONS"), submission, batch.released_by)


def call_off(waiting: Waiting) -> None:
    batch = waiting.about.decision_items.get().batch
    revoke_batch(batch=batch, actor=make_staff(), at=timezone.now())


# -- Other jobs -----------------------------------------------------------------------------------------------------
def many() -> Waiting:
    submission, staff = make_filed(make_open_offer()), make_staff()
    run = make_bulk_run(submission, staff)
    return Waiting(one("bulk_run"), run, staff)


def export() -> Waiting:
    offer, staff = make_open_offer(), make_staff()
    make_dossier(make_shortlisted(offer))
    order = make_order(staff, make_frozen(offer), "csv")
    return Waiting(job_of(order), order, staff)


def assigned() -> Waiting:
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
    return Waiting(one("ASSIGNED_MAIL"), file, member)


def take_back(waiting: Waiting) -> None:
    pairs = [(waiting.about.pk, waiting.reader.pk)]
    assert remove_assignments(offer=waiting.about.offer, pairs=pairs, actor=make_staff()) == 1


def unseat(waiting: Waiting) -> None:
    seat = CommitteeMember.objects.get(reviewer=waiting.reader)
    remove_committee_member(member=seat, actor=make_staff())


# -- Deliveries that are sent whatever happens afterwards -----------------------------------------------------------
def changed_address(kind: str) -> Waiting:
    """The operator changes the address of an account: one mail of each kind about accounts."""
    person, at = make_user(), timezone.now()
    make_administrator()
    change = change_as_operator(
        person=person, kind=AccountChange.Kind.ADDRESS, value="n@exemple.invalid", reason="Erreur.", at=at
    )
    return Waiting(one(kind), change, person)


def asked_change() -> Waiting:
    """An administrator asks for a change that another one may approve."""
    asker, reader, at = make_administrator(), make_administrator(), timezone.now()
    kind = AccountChange.Kind.ROLES
    change = ask_change(person=make_user(), kind=kind, value="STAFF", reason="Arrivée.", actor=asker, at=at)
    return Waiting(one("ACCOUNT_ASKED_MAIL"), change, reader)


def asked_cancellation() -> Waiting:
    """A member of staff asks to cancel an offer; another one may approve it."""
    filed, asker, reader = make_filed(make_open_offer()), make_staff(), make_staff()
    asked = ask_cancellation(offer=filed.offer, author=asker, reason="Retrait.", at=timezone.now())
    delivery = Delivery.objects.get(kind="CANCELLATION_ASKED_MAIL", key=f"{asked.pk}-{reader.pk}")
    return Waiting(delivery, asked, reader)


def end_cancellation(waiting: Waiting) -> None:
    asked = waiting.about
    refuse_cancellation(offer=asked.offer, author=asked.author, seen=asked.pk, at=timezone.now())


def receipt() -> Waiting:
    submission = make_filed(make_open_offer())
    return Waiting(one("RECEIPT_MAIL"), submission, submission.candidate)


def dossier() -> Waiting:
    waiting = receipt()
    drawn = one("DOSSIER")
    drawn.attempts = 2  # the first one has a second of CPU, too little on a slow machine
    kinds.get("DOSSIER").handler(drawn, timezone.now())
    return Waiting(one("DOSSIER_MAIL"), waiting.about, waiting.reader)


def ruled() -> Waiting:
    submission = make_filed_for_review(make_open_offer())
    assert submission.standing_filing is not None
    make_ruling(submission, 1, Ruling.Decision.OVERTURNED)
    return Waiting(one("RULINGS_MAIL"), submission, submission.candidate)


WHATEVER: Final[dict[str, Condition]] = {
    "withdrawn": withdraw,
    "offer cancelled": cancel_its_offer,
    "account closed": close_account,
}
