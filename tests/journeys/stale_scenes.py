"""Objects that became obsolete, made in the running portal's database by its own operations."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from intake.accounts.models import User
from intake.dossiers.services import read_seal
from intake.outbox.models import Delivery
from intake.register.services import enter_participation
from intake.review.committees.operations import add_committee_member, declare_conflict
from intake.review.evidence.operations import Basis, verify_finding
from intake.review.exports.orders import write_order
from intake.review.models import DecisionBatch, Evidence, Shortlist
from intake.submissions.delivery_kinds import DOSSIER
from intake.submissions.filing.operations import file_draft
from intake.submissions.lifecycle.operations import move_submission
from intake.submissions.models import Filing, Submission
from intake.submissions.states import Action
from offers.models import Offer
from tests.factories.decisions import confirm, decide, make_batch
from tests.factories.exports import job_of, make_frozen, make_order
from tests.factories.people import make_staff, make_user
from tests.factories.review import make_reviewer, make_shortlisted
from tests.factories.submissions import ALL_DECLARATIONS, make_draft, make_open_offer


def make_stale_scenes(
    staff: User, preparer: User, reserve: Offer, long_name: str
) -> tuple[dict[str, dict[str, Any]], dict[str, User]]:
    """Return the values for each page's address by variant, and the users besides `staff` and `preparer`.

    `reserve` is an offer that has a reserve list.
    """
    void = make_reviewer(reserve)
    make_draft(offer=reserve, candidate=void)
    sits = make_staff()
    add_committee_member(offer=reserve, reviewer=sits)
    contradicted = _make_contradicted(long_name)  # before the register has a person of that name
    selecting, registered = _make_selecting(long_name)
    bound = make_staff()
    orders = _make_archives(staff, bound)
    variants: dict[str, dict[str, Any]] = {
        "moved_on": {"batch_id": _make_moved_on(preparer, long_name).pk},
        "selecting": {"batch_id": selecting.pk},
        "registered": {"public_id": registered.public_id},
        "contradicted": {"public_id": contradicted.public_id},
        **{name: {"order_id": order} for name, order in orders.items()},
    }
    return variants, {"sits": sits, "bound": bound}


def _make_moved_on(preparer: User, long_name: str) -> DecisionBatch:
    """Prepare a decision on three submissions, then recommend one of them."""
    offer = make_open_offer(number="2031-140")
    moved, *others = (make_shortlisted(offer, last_name=name) for name in (long_name, "Roy", "Côté"))
    batch = make_batch(moved, *others, messages={moved.pk: "Merci de votre patience."}, preparer=preparer)
    move_submission(submission=moved, action=Action.RECOMMEND, actor=make_staff())
    return batch


def _make_selecting(long_name: str) -> tuple[DecisionBatch, Submission]:
    """Prepare the selection of an English reader and of a candidate whom the register then names; return both."""
    offer = make_open_offer(number="2031-141")
    reads_english = make_draft(offer=offer, last_name="Smith")
    file_draft(
        draft=reads_english,
        actor=reads_english.submission.candidate,
        declarations=ALL_DECLARATIONS,
        reads_english=True,
    )
    in_english = reads_english.submission
    for action in (Action.START_REVIEW, Action.SHORTLIST):
        move_submission(submission=in_english, action=action, actor=make_staff())
    in_english.refresh_from_db()
    registered = make_shortlisted(offer, last_name=long_name)
    for submission in (in_english, registered):
        confirm(submission)
    batch = make_batch(in_english, registered, action=Action.SELECT, word="Bravo ! Nous vous appelons lundi.")
    person = read_seal(_filing_of(registered).seal).person
    assert person.born_on is not None
    enter_participation(
        last_name=person.last_name,
        first_name=person.first_name,
        birth_date=person.born_on,
        programme=offer.programme,
        year=2019,
        actor=make_staff(),
    )
    return batch, registered


def _make_contradicted(long_name: str) -> Submission:
    """Select a candidate, then contradict a confirmed finding of theirs."""
    submission = make_shortlisted(make_open_offer(number="2031-142"), last_name=long_name)
    decide(submission, action=Action.SELECT)
    submission.refresh_from_db()
    filing = _filing_of(submission)
    verify_finding(
        filing=filing,
        position=filing.verdict.blocking[0],
        outcome=Evidence.Outcome.CONTRADICTED,
        basis=Basis(note="Le relevé de notes dit autre chose."),
        actor=make_staff(),
    )
    return submission


def _make_archives(staff: User, bound: User) -> dict[str, UUID]:
    """Write an archive without one dossier for each user; `bound` then declares a conflict on the offer."""
    offer, candidate = make_open_offer(number="2031-143"), make_user("scene-sans-dossier@exemple.invalid")
    with transaction.atomic():  # no worker makes the dossier before it is removed
        listed = make_shortlisted(offer, candidate=candidate)
        Delivery.objects.filter(kind=DOSSIER, key=_filing_of(listed).receipt.number).delete()
    frozen = make_frozen(offer)
    orders = {"missing": _write_archive(staff, frozen), "bound": _write_archive(bound, frozen)}
    declare_conflict(submission=listed, reviewer=bound, actor=bound, reason="Ancienne élève.")
    return orders


def _write_archive(actor: User, frozen: Shortlist) -> UUID:
    """Order an archive, and write it before the workers do."""
    order = make_order(actor, frozen, at=timezone.now() + timedelta(days=1))
    write_order(job_of(order), timezone.now())
    return order.public_id


def _filing_of(submission: Submission) -> Filing:
    filing = submission.standing_filing
    assert filing is not None
    return filing
