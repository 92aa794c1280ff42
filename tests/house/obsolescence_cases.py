"""Cases for `test_obsolete_deliveries`: conditions that make each kind of delivery obsolete, and some that do not.

`OBSOLESCENCE_CASES` and `NEVER_OBSOLETE` name every registered kind. `delivery_scenarios` posts the deliveries and
makes each condition true by the portal's operations.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Final

from django.utils import timezone

from intake.accounts.changes import refuse_change
from intake.accounts.second_factor.invitations import give_invitation
from intake.review.bulk.operations import stop_bulk_run
from intake.review.exports.orders import cancel_order, remove_order
from intake.review.models import Assignment
from intake.submissions.lifecycle.operations import move_submission
from intake.submissions.states import Action
from tests.factories.complements import file_answer
from tests.factories.exports import job_of
from tests.factories.people import make_staff, take_administration
from tests.factories.retention import make_hold
from tests.factories.review import make_assessment, make_conflict
from tests.house import delivery_scenarios
from tests.house.delivery_scenarios import Condition, Waiting


@dataclass(frozen=True)
class Row:
    """How a kind is posted, the conditions that make it obsolete (`lapses`), and similar ones that do not (`holds`)."""

    begin: Callable[[], Waiting]
    lapses: dict[str, Condition]
    holds: dict[str, Condition] = field(default_factory=dict)


OBSOLESCENCE_CASES: Final[dict[str, Row]] = {
    "OFFER_CHANGE_MAIL": Row(
        delivery_scenarios.change,
        {
            "account closed": delivery_scenarios.close_account,
            "filed since it was written": delivery_scenarios.first(
                delivery_scenarios.send_during_outage, delivery_scenarios.file
            ),
            "cancelled since it was written": delivery_scenarios.first(
                delivery_scenarios.send_during_outage, delivery_scenarios.cancel_its_offer
            ),
        },
        {
            "filed before it is written": delivery_scenarios.file,
            "cancelled before it is written": delivery_scenarios.cancel_its_offer,
            "written by an attempt that failed": delivery_scenarios.send_during_outage,
        },
    ),
    "PERSONAL_EXTENSION_MAIL": Row(
        delivery_scenarios.more_time,
        {
            "account closed": delivery_scenarios.close_account,
            "offer cancelled": delivery_scenarios.cancel_its_offer,
            "their time is over": delivery_scenarios.expire_deadline,
            "everybody has as much": delivery_scenarios.extend_for_everyone,
            "filed since it was written": delivery_scenarios.first(
                delivery_scenarios.send_during_outage, delivery_scenarios.file
            ),
        },
        {
            "filed before it is written": delivery_scenarios.file,
            "written by an attempt that failed": delivery_scenarios.send_during_outage,
        },
    ),
    "DRAFT_REMINDER_MAIL": Row(
        delivery_scenarios.reminder,
        {
            "account closed": delivery_scenarios.close_account,
            "offer cancelled": delivery_scenarios.cancel_its_offer,
            "filed": delivery_scenarios.file,
            "their time is over": delivery_scenarios.expire_deadline,
            "they have more time": delivery_scenarios.extend_for_everyone,
            "a more urgent one is due": delivery_scenarios.post_urgent_reminder,
        },
    ),
    "COMPLEMENT_REQUEST_MAIL": Row(delivery_scenarios.complement, delivery_scenarios.COMPLEMENT),
    "COMPLEMENT_REMINDER_MAIL": Row(delivery_scenarios.complement_reminder, delivery_scenarios.COMPLEMENT),
    "COMPLEMENT_RESUMED_MAIL": Row(
        delivery_scenarios.resumed,
        {
            "filed anew": lambda waiting: file_answer(waiting.about),
            "asked again": delivery_scenarios.ask_again,
            "withdrawn": delivery_scenarios.withdraw,
            "refused": delivery_scenarios.refuse,
            "account closed": delivery_scenarios.close_account,
            "offer cancelled": delivery_scenarios.cancel_its_offer,
            "what was filed is erased": delivery_scenarios.erase,
        },
        {
            "long after": lambda waiting: setattr(waiting, "at", waiting.at + timedelta(days=30)),
            "studied": lambda waiting: move_submission(
                submission=waiting.about, action=Action.START_REVIEW, actor=make_staff()
            ),
        },
    ),
    "ARRIVAL_REFUSED_MAIL": Row(
        delivery_scenarios.arrival_refused,
        {
            "filed since": delivery_scenarios.complete_and_file,
            "it arrived again": delivery_scenarios.arrive_again,
            "account closed": delivery_scenarios.close_account,
        },
        {
            "offer cancelled": delivery_scenarios.cancel_its_offer,
            "long after": lambda waiting: setattr(waiting, "at", waiting.at + timedelta(days=30)),
        },
    ),
    "WITHDRAWAL_MAIL": Row(
        delivery_scenarios.withdrawn,
        {
            "submitted again": delivery_scenarios.submit_again,
            "submitted and withdrawn again": delivery_scenarios.first(
                delivery_scenarios.submit_again, delivery_scenarios.withdraw
            ),
            "account closed": delivery_scenarios.close_account,
            "what was filed is erased": delivery_scenarios.erase,
        },
        {
            "a new submission begun": delivery_scenarios.begin_again,
            "offer cancelled": delivery_scenarios.cancel_its_offer,
            "long after": lambda waiting: setattr(waiting, "at", waiting.at + timedelta(days=90)),
        },
    ),
    "INVITATION_MAIL": Row(
        delivery_scenarios.invited,
        {
            "used": delivery_scenarios.use_invitation,
            "another was given": lambda waiting: give_invitation(
                user=waiting.reader, actor=None, at=waiting.at
            ),
            "the role taken": delivery_scenarios.take_role,
            "seven days after": lambda waiting: setattr(waiting, "at", waiting.about.expires_at),
        },
        {
            "less than seven days after": lambda waiting: setattr(
                waiting, "at", waiting.about.expires_at - timedelta(seconds=1)
            ),
        },
    ),
    "ERASURE_NOTICE_MAIL": Row(
        delivery_scenarios.erasure_notice,
        {
            "account closed": delivery_scenarios.close_account,
            "held": lambda waiting: make_hold(waiting.about),
            "withdrawn, so that the day moves": delivery_scenarios.withdraw,
        },
        {"offer cancelled": delivery_scenarios.cancel_its_offer},
    ),
    "DECISION_MAIL": Row(
        delivery_scenarios.decision,
        {
            "sent again after another decision": delivery_scenarios.first(
                delivery_scenarios.leave_and_ask_again, delivery_scenarios.decide_otherwise
            ),
            "sent again to a closed account": delivery_scenarios.first(
                delivery_scenarios.leave_and_ask_again, delivery_scenarios.close_account
            ),
        },
        {
            "sent again": delivery_scenarios.leave_and_ask_again,
            "never sent, and decided otherwise since": delivery_scenarios.decide_otherwise,
            "never sent to a closed account": delivery_scenarios.close_account,
        },
    ),
    "SELECTED_ELSEWHERE_MAIL": Row(
        lambda: delivery_scenarios.elsewhere(Action.SELECT), delivery_scenarios.MAY_NOT_KNOW
    ),
    "SELECTION_TAKEN_BACK_MAIL": Row(
        lambda: delivery_scenarios.elsewhere(Action.TAKE_BACK), delivery_scenarios.MAY_NOT_KNOW
    ),
    "CONTRADICTED_MAIL": Row(delivery_scenarios.contradicted, delivery_scenarios.MAY_NOT_KNOW),
    "ASSIGNED_MAIL": Row(
        delivery_scenarios.assigned,
        {
            "in conflict since": lambda waiting: make_conflict(waiting.about, waiting.reader),
            "marked already": lambda waiting: make_assessment(waiting.about, waiting.reader, 4),
            "taken back": delivery_scenarios.take_back,
            "no longer on the committee": delivery_scenarios.unseat,
            "told by another mail": lambda _waiting: Assignment.objects.update(told_at=timezone.now()),
        },
    ),
    "DECISIONS": Row(
        delivery_scenarios.batch,
        {
            "called off": delivery_scenarios.call_off,
            "approved by somebody who decides no more": delivery_scenarios.lose_role,
            "approved by somebody in conflict since": delivery_scenarios.be_in_conflict,
            "sent already": Waiting.do,
        },
        {"offer cancelled, of a refusal": delivery_scenarios.cancel_its_offer},
    ),
    "bulk_run": Row(
        delivery_scenarios.many,
        {
            "stopped": lambda waiting: stop_bulk_run(run=waiting.about, actor=make_staff()),
            "done already": Waiting.do,
            "asked by somebody who decides no more": delivery_scenarios.lose_role,
        },
    ),
    "EXPORT": Row(
        delivery_scenarios.export,
        {
            "cancelled": lambda waiting: cancel_order(order=waiting.about, actor=waiting.reader),
            "its time is over": lambda waiting: remove_order(
                job_of(waiting.about, "EXPORT_REMOVAL"), timezone.now()
            ),
            "asked by somebody who exports no more": delivery_scenarios.lose_role,
            "written already": Waiting.do,
        },
    ),
    # A mail that proves or answers a past act is sent whatever happens afterwards.
    **{
        kind: Row(
            partial(delivery_scenarios.changed_address, kind),
            {},
            {"account closed": delivery_scenarios.close_account},
        )
        for kind in ("ACCOUNT_CHANGED_MAIL", "ACCOUNT_NEW_ADDRESS_MAIL", "ACCOUNT_OPERATOR_MAIL")
    },
    "ACCOUNT_ASKED_MAIL": Row(
        delivery_scenarios.asked_change,
        {
            "decided": lambda waiting: refuse_change(change=waiting.about, actor=waiting.about.asked_by),
            "its reader approves no more": lambda waiting: take_administration(waiting.reader),
        },
    ),
    "CANCELLATION_ASKED_MAIL": Row(
        delivery_scenarios.asked_cancellation,
        {
            "decided": delivery_scenarios.end_cancellation,
            "its reader in conflict since": lambda waiting: make_conflict(
                waiting.about.offer.submissions.get(), waiting.reader
            ),
        },
    ),
    "RECEIPT_MAIL": Row(delivery_scenarios.receipt, {}, delivery_scenarios.WHATEVER),
    "DOSSIER_MAIL": Row(delivery_scenarios.dossier, {}, delivery_scenarios.WHATEVER),
    "SECOND_FACTOR_MAIL": Row(
        delivery_scenarios.factor_added, {}, {"account closed": delivery_scenarios.close_account}
    ),
    "RULINGS_MAIL": Row(delivery_scenarios.ruled, {}, delivery_scenarios.WHATEVER),
}

NEVER_OBSOLETE: Final[dict[str, str]] = {
    "RECEIPT_PDF": "the proof of a filing is made whatever came after; made twice, it is one",
    "RECEIPT_PDF_IN_ENGLISH": "as RECEIPT_PDF",
    "ARRIVALS": "it files what waits when it runs",
    "DOSSIER": "what was filed is bound for those who study it; made twice, it is one",
    "DOSSIER_PAGES": "as DOSSIER",
    "OFFER_CHANGE": "it asks for a mail to each person, of which each lapses by itself",
    "DRAFT_REMINDERS": "it asks for what is due when it runs",
    "COMPLEMENT_REMINDERS": "it asks for what is due when it runs",
    "EXPORT_REMOVAL": "what must not be kept is removed; removed twice, it is gone",
    "PUBLIC_LOG": "it logs what is not logged yet",
    "UPLOAD": "a received file is added or refused; made twice, it is one",
    "JOIN": "a document is joined of the files that it has when it runs; made twice, it is one",
    "UPLOADS_SWEEP": "it ends and forgets what is due when it runs",
    "ORIGINALS_ERASURE": "it erases what is filed when it runs",
    "UPLOADS_RECLAIM": "it takes back what nothing uses when it runs",
    "REGISTER_SCAN": "it compares what stands when it runs; asked for again meanwhile, once does for all",
    "ANONYMISE": "it erases what is due when it runs",
    "SESSIONS_PURGE": "it deletes what expired when it runs",
    "CHECK_INVARIANTS": "it asks for each invariant of the day",
    "CHECK_INVARIANT": "it looks at what stands when it runs",
}
"""Kinds that nothing makes obsolete, with the reason."""
