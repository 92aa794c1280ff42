"""A call of each operation of `review` by a given user, for `test_who_may_do_it` and `test_service_effects`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from typing import Final
from uuid import uuid4

from django.utils import timezone

from intake.accounts.models import User
from intake.review.assignment.operations import (
    assign_evenly,
    assign_files,
    change_due_day,
    remove_assignments,
    revise_assignments,
    revoke_member,
)
from intake.review.assignment.queries import propose_division, propose_replacement
from intake.review.bulk.operations import start_bulk_run, stop_bulk_run
from intake.review.calibration.operations import name_anchor, remove_anchor
from intake.review.claims.operations import claim_file, release_claim
from intake.review.committees.operations import (
    add_committee_member,
    declare_conflict,
    end_anonymous_review,
    lift_conflict,
    remove_committee_member,
    start_anonymous_review,
)
from intake.review.decisions.operations import change_batch, revoke_batch
from intake.review.decisions.reserve_list import move_place
from intake.review.delivery_kinds import EXPORT_REMOVAL
from intake.review.evidence.operations import Basis, verify_finding
from intake.review.exports.operations import export_shortlist
from intake.review.exports.orders import cancel_order, open_order_file, remove_order, write_order
from intake.review.marks.operations import (
    AssessmentData,
    LineMarkData,
    save_assessment,
    set_line_weights,
    submit_assessment,
)
from intake.review.models import (
    AnchorFile,
    Assignment,
    CommitteeMember,
    Conflict,
    DecisionBatch,
    Evidence,
    ExportOrder,
    ReservePlace,
    Shortlist,
)
from intake.review.queue.saved_views import save_view
from intake.review.ranking.operations import add_meeting_note
from intake.review.reading.operations import FactCheck, put_aside, submit_reading
from intake.review.rulings.operations import rule_as_reviewer
from intake.review.shortlists.operations import freeze_shortlist
from intake.submissions.lifecycle.operations import move_submission
from intake.submissions.models import Ruling, Submission
from intake.submissions.states import Action
from offers.models import GridLineData, Offer
from tests.database_roles import as_owner
from tests.factories.bulk import run_all, start_run
from tests.factories.decisions import confirm, decide, make_batch, release, send
from tests.factories.exports import job_of, make_frozen, make_order, write_all
from tests.factories.people import make_staff, make_user
from tests.factories.review import (
    make_conflict,
    make_dossier,
    make_filed,
    make_filed_for_review,
    make_reviewer,
    make_shortlisted,
)
from tests.factories.submissions import make_draft, make_open_offer
from tests.review.reading import number_of


@dataclass(frozen=True, slots=True)
class Committee:
    """An offer with its files and its committee, and one person of each kind."""

    offer: Offer
    people: dict[str, User]
    received: Submission
    unassigned: Submission
    shortlisted: Submission
    reserved: Submission
    member: User
    conflict: Conflict
    prepared: DecisionBatch
    released: DecisionBatch
    frozen: Shortlist
    order: ExportOrder
    place: ReservePlace
    other: User
    """Another staff member."""
    also: Submission
    """Another submission of the shortlisted candidate, to another offer."""


def make_committee() -> Committee:
    """Make the committee by the portal's operations."""
    offer = make_open_offer(grid=(GridLineData(text="a mené un projet"),))
    staff, applied, bound, member = make_staff(), make_staff(), make_staff(), make_reviewer(offer)
    make_draft(offer=offer, candidate=applied)
    make_conflict(make_filed(offer), bound)
    files = [make_shortlisted(offer) for _time in range(5)]
    make_dossier(files[0])
    confirm(files[0])
    decide(files[3], files[4], action=Action.PUT_ON_RESERVE)
    frozen = make_frozen(offer)
    order = make_order(staff, frozen, "csv")
    write_all()
    order.refresh_from_db()
    make_shortlisted(offer)  # shortlisted after the list was frozen
    received = make_filed(offer)
    assign_files(
        offer=offer,
        pairs=[(received.pk, member.pk)],
        way=Assignment.Way.HAND,
        due_on=None,
        actor=staff,
        at=timezone.now(),
    )
    return Committee(
        offer=offer,
        people={
            "nobody": make_user(),
            "member": make_reviewer(offer),
            "elsewhere": make_reviewer(make_open_offer()),
            "staff": staff,
            "applied": applied,
            "in conflict": bound,
        },
        received=received,
        unassigned=make_filed(offer),
        shortlisted=files[0],
        reserved=make_filed_for_review(offer),
        member=member,
        conflict=make_conflict(make_filed(offer), make_reviewer(offer)),
        prepared=make_batch(files[1]),
        released=release(make_batch(files[2]), release_at=timezone.now() + timedelta(days=2)),
        frozen=frozen,
        order=order,
        place=ReservePlace.objects.filter(offer=offer).order_by("place")[0],
        other=make_staff(),
        also=make_filed(make_open_offer(), candidate=files[0].candidate),
    )


type Call = Callable[[Committee, User], object]


def _mark(save: Callable[..., object]) -> Call:
    def call(of: Committee, actor: User) -> object:
        lines = {line.pk: LineMarkData(4) for line in of.offer.grid_lines.all()}
        given = AssessmentData(mark=4, lines=lines, note="")
        return save(submission=of.received, reviewer=actor, given=given, version=0, at=timezone.now())

    return call


def _verify(of: Committee, actor: User) -> object:
    filing = of.received.standing_filing
    assert filing is not None
    return verify_finding(
        filing=filing,
        position=filing.verdict.blocking[0],
        outcome=Evidence.Outcome.CONFIRMED,
        basis=Basis(note="Vu."),
        actor=actor,
    )


def _read(of: Committee, actor: User) -> object:
    filing = of.received.standing_filing
    assert filing is not None
    basis = Basis(note="Vu.")
    fact = FactCheck(filing.verdict.blocking[0], Evidence.Outcome.CONFIRMED, basis, seen=0)
    return submit_reading(
        submission=of.received,
        filing_id=filing.pk,
        facts=[fact],
        assessment=None,
        reader=actor,
        at=timezone.now(),
    )


def _judge(of: Committee, actor: User) -> object:
    filing = of.reserved.standing_filing
    assert filing is not None
    return rule_as_reviewer(
        filing=filing, position=1, decision=Ruling.Decision.OVERTURNED, reason="Vu.", actor=actor
    )


def _prepare(of: Committee, actor: User) -> object:
    return make_batch(of.shortlisted, preparer=actor)


def _change(of: Committee, actor: User) -> object:
    """Change a batch that the actor prepared while they had the permission."""
    DecisionBatch.objects.filter(pk=of.prepared.pk).update(prepared_by=actor)
    chosen = {of.prepared.items.get().submission_id: ""}
    return change_batch(
        batch=of.prepared, title="Lot", word="", chosen=chosen, actor=actor, version=of.prepared.version
    )


def _order(of: Committee, actor: User) -> ExportOrder:
    return make_order(actor, of.frozen, "xlsx")


def _take(of: Committee, actor: User) -> object:
    """Download an export that the actor ordered while they had the permission."""
    ExportOrder.objects.filter(pk=of.order.pk).update(actor=actor)
    order = ExportOrder.objects.get(pk=of.order.pk)
    return open_order_file(order=order, actor=actor, at=timezone.now())


def _bulk(of: Committee, actor: User) -> object:
    versions = {of.received.pk: of.received.version}
    return start_bulk_run(
        key=uuid4(), action=Action.START_REVIEW, actor=actor, versions=versions, at=timezone.now()
    )


def _end_blind(of: Committee, actor: User) -> object:
    start_anonymous_review(offer=of.offer, actor=of.people["staff"])
    return end_anonymous_review(offer=of.offer, actor=actor)


def _pair(of: Committee) -> list[tuple[int, int]]:
    return [(of.unassigned.pk, of.member.pk)]


def _divide(of: Committee, actor: User) -> object:
    # To all members: lots would choose among them.
    seen = propose_division(offer=of.offer, readers=3, actor=of.people["staff"]).digest
    return assign_evenly(offer=of.offer, readers=3, due_on=None, actor=actor, seen=seen, at=timezone.now())


def _revoke_member(of: Committee, actor: User) -> object:
    # One member is left who may read the file: lots would choose between two.
    member = of.people["member"]
    Conflict.objects.create(submission=of.received, reviewer=member, declared_by=member)
    seat = CommitteeMember.objects.get(offer=of.offer, reviewer=of.member)
    seen = propose_replacement(offer=of.offer, member=of.member, actor=of.people["staff"]).digest
    return revoke_member(member=seat, due_on=None, actor=actor, seen=seen, at=timezone.now())


def _remove_anchor(of: Committee, actor: User) -> None:
    AnchorFile.objects.create(submission=of.received, named_by=of.people["staff"])
    remove_anchor(offer=of.offer, number=number_of(of.received), actor=actor)


CALLS: Final[dict[str, Call]] = {
    "save_assessment": _mark(save_assessment),
    "submit_assessment": _mark(submit_assessment),
    "assign_files": lambda of, actor: assign_files(
        offer=of.offer, pairs=_pair(of), way=Assignment.Way.HAND, due_on=None, actor=actor, at=timezone.now()
    ),
    "assign_evenly": _divide,
    "revoke_member": _revoke_member,
    "change_due_day": lambda of, actor: change_due_day(
        offer=of.offer, due_on=of.offer.starts_on, actor=actor, at=timezone.now()
    ),
    "remove_assignments": lambda of, actor: remove_assignments(
        offer=of.offer, pairs=[(of.received.pk, of.member.pk)], actor=actor
    ),
    "revise_assignments": lambda of, actor: revise_assignments(
        offer=of.offer, added=_pair(of), removed=[], due_on=None, actor=actor, at=timezone.now()
    ),
    "name_anchor": lambda of, actor: name_anchor(
        offer=of.offer, number=number_of(of.received), actor=actor, at=timezone.now()
    ),
    "remove_anchor": _remove_anchor,
    "prepare_batch": _prepare,
    "change_batch": _change,
    "release_batch": lambda of, actor: release(of.prepared, by=actor),
    "revoke_batch": lambda of, actor: revoke_batch(batch=of.released, actor=actor, at=timezone.now()),
    "start_anonymous_review": lambda of, actor: start_anonymous_review(offer=of.offer, actor=actor),
    "end_anonymous_review": _end_blind,
    "start_bulk_run": _bulk,
    "claim_file": lambda of, actor: claim_file(submission=of.received, actor=actor),
    "add_committee_member": lambda of, actor: add_committee_member(
        offer=of.offer, reviewer=make_reviewer(), actor=actor
    ),
    "remove_committee_member": lambda of, actor: remove_committee_member(
        member=CommitteeMember.objects.get(offer=of.offer, reviewer=of.member), actor=actor
    ),
    "declare_conflict": lambda of, actor: declare_conflict(
        submission=of.received, reviewer=of.member, actor=actor
    ),
    "lift_conflict": lambda of, actor: lift_conflict(
        conflict=of.conflict, actor=actor, reason="Vérifié.", at=timezone.now()
    ),
    "verify_finding": _verify,
    "submit_reading": _read,
    "put_aside": lambda of, actor: put_aside(
        submission=of.received, reader=actor, reason="Relire.", at=timezone.now()
    ),
    "rule_as_reviewer": _judge,
    "order_export": _order,
    "open_order_file": _take,
    "export_shortlist": lambda of, actor: export_shortlist(
        offer=of.offer, file_format="csv", to=BytesIO(), actor=actor, reason="Envoi"
    ),
    "freeze_shortlist": lambda of, actor: freeze_shortlist(
        offer=of.offer, actor=actor, reason="Envoi", at=timezone.now()
    ),
    "add_meeting_note": lambda of, actor: add_meeting_note(
        offer=of.offer, author=actor, text="Réunion du 12."
    ),
    "move_place": lambda of, actor: move_place(place=of.place, up=False, seen=1, actor=actor),
    "set_line_weights": lambda of, actor: set_line_weights(
        offer=of.offer, weights={of.offer.grid_lines.all()[0].pk: 3}, actor=actor
    ),
    "share a view": lambda of, actor: save_view(
        owner=actor, name="À prendre", query=f"offre={of.offer.number}", shared=True
    ),
}


def _give_back(of: Committee, actor: User) -> object:
    claim_file(submission=of.received, actor=actor)
    return release_claim(submission=of.received, actor=actor)


def _stop(of: Committee, actor: User) -> object:
    run = start_run(actor, Action.START_REVIEW, of.received, of.unassigned)
    return stop_bulk_run(run=run, actor=actor)


def _run(of: Committee, actor: User) -> None:
    """Perform a bulk run with one file that may be moved and one that may not."""
    start_run(actor, Action.START_REVIEW, of.received, of.shortlisted, query="etat=SUBMITTED")
    run_all()


def _select(of: Committee, actor: User) -> object:
    """Select a candidate who also applied to another offer."""
    batch = make_batch(of.shortlisted, action=Action.SELECT, word="Bravo.", preparer=actor)
    return send(release(batch, by=of.other))


def _put_on_reserve(of: Committee, actor: User) -> object:
    batch = make_batch(of.shortlisted, action=Action.PUT_ON_RESERVE, preparer=of.other)
    return send(release(batch, by=actor))


def _contradict(of: Committee, actor: User) -> object:
    """Contradict a finding of a selected candidate."""
    _select(of, actor)
    filing = of.shortlisted.standing_filing
    assert filing is not None
    return verify_finding(
        filing=filing,
        position=filing.verdict.blocking[0],
        outcome=Evidence.Outcome.CONTRADICTED,
        basis=Basis(note="Faux."),
        actor=actor,
    )


def _refuse(of: Committee, actor: User) -> object:
    """Send a decision on a submission that was moved after the approval."""
    batch = release(of.prepared, by=actor)
    move_submission(
        submission=of.prepared.items.get().submission, action=Action.RECOMMEND, actor=of.people["staff"]
    )
    return send(batch)


def _return(of: Committee, actor: User) -> object:
    """Send a batch whose approver lost the permission."""
    batch = release(of.prepared, by=actor)
    with as_owner():
        actor.groups.clear()
    return send(batch)


def _cancel_order(of: Committee, actor: User) -> object:
    return cancel_order(order=_order(of, actor), actor=actor)


def _write(of: Committee, actor: User) -> None:
    write_order(job_of(make_order(actor, of.frozen, "csv")), timezone.now())


def _remove(of: Committee, actor: User) -> None:
    order = make_order(actor, of.frozen, "csv")
    write_order(job_of(order), timezone.now())
    remove_order(job_of(order, EXPORT_REMOVAL), timezone.now())


FOLLOW_UP_CALLS: Final[dict[str, Call]] = {
    "release_claim": _give_back,
    "stop_bulk_run": _stop,
    "a bulk run": _run,
    "cancel_order": _cancel_order,
    "an order is written": _write,
    "an order is removed": _remove,
    "a selection is sent": _select,
    "a selection is contradicted": _contradict,
    "a place on the reserve list is sent": _put_on_reserve,
    "a decision is refused": _refuse,
    "a batch is returned": _return,
}
"""Calls that end an operation, or that a worker makes, for the user who began the operation."""
