"""The scene for the tests of pages, made in the running portal's database by its own operations.

Runs in `manage.py shell` beside the portal. `make_scene()` prints, as JSON, the values for addresses and the
sessions.
"""

from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from intake.accounts.changes import ask_change, refuse_change
from intake.accounts.codes import issue_code
from intake.accounts.models import AccountChange, User
from intake.devtools.demonstration.offers import (
    CONTACT_UNIT,
    DOMAIN,
    FUNDER,
    GRID,
    ORGANISATION,
    load_demonstration,
)
from intake.documents.models import Upload
from intake.journal.models import Entry
from intake.journal.services import record, record_list
from intake.outbox.models import Delivery, Message
from intake.review.assignment.operations import assign_files
from intake.review.evidence.operations import Basis, verify_finding
from intake.review.exports.operations import export_shortlist
from intake.review.exports.orders import cancel_order, remove_order, write_order
from intake.review.marks.operations import AssessmentData, LineMarkData, submit_assessment
from intake.review.models import (
    Assignment,
    CommitteeMember,
    DecisionBatch,
    Evidence,
    Shortlist,
    ShortlistExport,
)
from intake.review.shortlists.operations import freeze_shortlist
from intake.submissions.after_filing.operations import start_amendment, withdraw_submission
from intake.submissions.drafts.collection_notice import COLLECTION
from intake.submissions.drafts.operations import start_draft
from intake.submissions.filing.operations import file_draft
from intake.submissions.models import Draft, Ruling, Submission
from intake.submissions.receipts.queries import JOBS
from intake.submissions.states import Action
from offers.models import Offer, SynonymGroup
from tests.factories.complements import file_answer, request_complement_for
from tests.factories.decisions import decide, make_batch
from tests.factories.exports import job_of, make_order
from tests.factories.factors import invite, make_application
from tests.factories.incidents import make_incident, make_officer, make_update
from tests.factories.offers import make_draft as make_offer_draft
from tests.factories.offers import make_point, make_programme, new_number
from tests.factories.participants import make_participation
from tests.factories.people import client_of, make_administrator, make_staff, make_user
from tests.factories.review import (
    make_assessment,
    make_bulk_run,
    make_conflict,
    make_filed_for_review,
    make_reviewer,
    make_ruling,
    make_saved_view,
    make_shortlisted,
)
from tests.factories.submissions import ALL_DECLARATIONS, make_draft, make_filing, make_open_offer
from tests.journeys.arrival_scenes import make_leaving, make_refused
from tests.journeys.complement_scenes import make_states
from tests.journeys.delayed_deliveries import delay_deliveries
from tests.journeys.late_scenes import make_extended
from tests.journeys.printing import english_cookie, new_address, new_candidate, print_found, session_of
from tests.journeys.stale_scenes import make_stale_scenes
from tests.journeys.upload_scenes import make_being_joined, make_in_analysis, make_joined

LONG_NAME = "Marie-Ève-Élisabeth de la Bruère-Montarville-Saint-Hilaire"


@delay_deliveries()
def make_scene() -> None:
    """Make the scene, and print its objects and sessions."""
    at = timezone.now()
    closed, _demonstrated = load_demonstration(at=at)
    opened = _make_opened("2031-100")
    candidate = make_user("scene-candidate@exemple.invalid")
    filed = make_filing(offer=opened, candidate=candidate, last_name=LONG_NAME).filing.submission
    draft = make_draft(offer=make_open_offer(number="2031-101"), candidate=candidate).submission
    Upload.objects.filter(owner=candidate, kind="CV").update(warnings=["BLANK_PAGE:1", "CUT:2"])
    refused = make_draft(
        offer=make_open_offer(number="2031-102"), candidate=candidate, birth_date="1970-01-01"
    ).submission
    empty = start_draft(candidate=candidate, offer=make_open_offer(number="2031-103")).submission
    grid = start_draft(candidate=candidate, offer=make_open_offer(number="2031-105", grid=GRID)).submission
    newly_warned = make_user("scene-avis@exemple.invalid")
    unread = start_draft(candidate=newly_warned, offer=make_open_offer(number="2031-106")).submission
    beginner = make_user("scene-debut@exemple.invalid")
    blank = start_draft(
        candidate=beginner, offer=make_open_offer(number="2031-107"), accepts=COLLECTION
    ).submission
    amended = _make_amended(candidate, "2031-111")
    withdrawn = _make_withdrawn(candidate, "2031-112")
    resumed = _make_withdrawn(candidate, "2031-113")
    start_amendment(submission=resumed, actor=candidate)
    reviewer, staff = make_reviewer(opened), make_staff()
    given_time = make_user("scene-delai@exemple.invalid")
    extended = make_extended(given_time, "2031-130", staff)
    asked = make_user("scene-complement@exemple.invalid")
    complements = make_states(asked, staff)
    reserved = make_filed_for_review(opened, last_name="Réserve", domicile_province="ON")
    for decision in Ruling.Decision:
        make_ruling(reserved, 1, decision)
    upheld = make_filed_for_review(opened, last_name="Maintenue")
    make_ruling(upheld, 1, Ruling.Decision.CONFIRMED)
    incomplete, answered = (make_filing(offer=opened).filing.submission for _each in range(2))
    for each in (incomplete, answered):
        request_complement_for(each, staff=staff, sections=["etudes"])
    file_answer(answered)
    make_assessment(filed, reviewer, 4, "Parcours solide.")
    verify_two_findings(filed, staff)
    make_assessment(make_shortlisted(opened, last_name=LONG_NAME), reviewer, 5)
    frozen = freeze_shortlist(offer=opened, actor=staff, reason="Envoi à l’organisation hôte", at=at)
    make_shortlisted(opened, last_name="Après")  # so that the next frozen list differs
    batches, deciders = _make_decided()
    export_shortlist(
        offer=opened,
        shortlist=frozen,
        file_format="csv",
        to=BytesIO(),
        actor=staff,
        reason="Demande de l’hôte",
    )
    orders = _make_orders(staff, frozen)
    overtaken, overtakers = make_stale_scenes(staff, deciders["preparer"], batches["sent"].offer, LONG_NAME)
    people = {
        "candidate": candidate,
        "factor": make_application(make_staff()).user,
        "unread": newly_warned,
        "beginner": beginner,
        "given_time": given_time,
        "asked": asked,
        "arriving": (arriving := make_user("scene-arrivee@exemple.invalid")),
        "newcomer": make_user("scene-nouvelle@exemple.invalid"),
        "reviewer": reviewer,
        "staff": staff,
        **deciders,
        **overtakers,
        "administrator": make_administrator("scene-admin@exemple.invalid"),
    }
    point = make_point(make_offer_draft(number=None, contact_confirmed_at=None), excerpt="Quelque part.")
    usual = {
        "number": opened.number,
        "public_id": filed.public_id,
        "person_id": given_time.public_id,
        "request_id": opened.documents.get(kind="CV").pk,
        "key": "identite",
        "slug": "start-review",
        "incident_id": _make_registers(filed, reviewer, staff),
        "run_id": make_bulk_run(make_filing(offer=opened).filing.submission, staff).public_id,
        "view_id": make_saved_view(staff, LONG_NAME[:60], shared=True).public_id,
        "list_number": frozen.number,
        "order_id": orders["open"],
        "batch_id": batches["prepared"].pk,
        "app_label": "offers",
        "url": "rien/",
        "factor_id": make_application(given_time).pk,
        "user_id": candidate.pk,
        "kind": "ADDRESS",
        "change_id": _make_account_changes(candidate),
    }
    variants: dict[str, dict[str, Any]] = {
        "": {},
        "draft": _about(draft),
        "refused": _about(refused),
        "amended": _about(amended),
        "withdrawn": _about(withdrawn),
        "decided": _about(batches["sent"].items.get().submission) | {"batch_id": batches["sent"].pk},
        "resumed": _about(resumed),
        "empty": _about(empty),
        "reserved": _about(reserved) | {"position": 3},
        "upheld": _about(upheld),
        "incomplete": _about(incomplete),
        "answered": _about(answered),
        "blank": _about(blank),
        "in_analysis": _about(make_in_analysis(candidate, "2031-116")),
        "joined": _about(make_joined(candidate, "2031-117")),
        "being_joined": _about(make_being_joined(candidate, "2031-122")),
        "grid": _about(grid),
        "unread": _about(unread),
        "extended": _about(extended),
        **{name: _about(submission) for name, submission in (complements | make_refused(arriving)).items()},
        "closed": {"number": closed.number},
        "another": {"number": "2031-101"},
        "spare": {"object_id": make_programme().pk},
        "assigned": {"number": _make_assigned("2031-118").number},
        **overtaken,
        **{name: {"order_id": orders[name]} for name in ("ready", "cancelled", "late")},
        "published": {"object_id": opened.pk},
        "leaving": {"object_id": make_leaving(people["administrator"]).pk},
        "roles": {"kind": "ROLES"},
        "closing": {"kind": "CLOSING"},
        "uninvited": {"object_id": reviewer.pk},
        "imported": {"object_id": point.offer_id, "point_id": point.pk},
    }
    rows = {
        "offers_offer": make_offer_draft(number="2031-104").pk,
        "offers_programme": opened.programme_id,
        "offers_synonymgroup": SynonymGroup.objects.earliest("pk").pk,
        "journal_entry": Entry.objects.order_by("-pk")[0].pk,
        "accounts_user": candidate.pk,
        "outbox_delivery": Message.objects.order_by("pk")[0].delivery_id,
        "submissions_submission": filed.pk,
        "register_participation": make_participation(programme=opened.programme).pk,
        "review_conflict": make_conflict(filed, make_reviewer(opened)).pk,
        "review_committeemember": CommitteeMember.objects.get(reviewer=reviewer).pk,
        "review_shortlistexport": ShortlistExport.objects.filter(shortlist=frozen).earliest("pk").pk,
    }
    scene = {
        "usual": usual,
        "variants": variants,
        "rows": rows,
        "sessions": _make_sessions(people),
        "english": english_cookie(),
    }
    print_found(scene)


def _make_sessions(people: dict[str, User]) -> dict[str, list[str]]:
    """Open a session of each person; return its cookie, by name and value.

    The candidate's has a change of address under way, as if its code had just been sent: an account gets five codes. In
    that of staff, the link of an invitation was opened.
    """
    name = settings.SESSION_COOKIE_NAME
    clients = {who: client_of(user) for who, user in people.items()}
    proof, _code = issue_code(email="scene-nouvelle-adresse@exemple.invalid", at=timezone.now())
    session = clients["candidate"].session
    session["new_address"] = proof.to_json()
    session.save()
    invite(people["staff"], clients["staff"])
    return {who: [name, client.cookies[name].value] for who, client in clients.items()}


def _make_account_changes(person: User) -> int:
    """Ask for two changes of an account and refuse the first. Return the key of the other."""
    asking: dict[str, Any] = {"reason": f"Demande de {LONG_NAME}.", "at": timezone.now()}
    asking |= {"person": person, "actor": make_administrator("scene-direction@exemple.invalid")}
    refused = ask_change(kind=AccountChange.Kind.ROLES, value="REVIEWER STAFF", **asking)
    refuse_change(change=refused, actor=make_administrator("scene-adjointe@exemple.invalid"))
    return ask_change(kind=AccountChange.Kind.ADDRESS, value="nouvelle@exemple.invalid", **asking).pk


def verify_two_findings(submission: Submission, staff: User) -> None:
    """Confirm one finding against a page and contradict another; staff then have a claim on the file."""
    filing = submission.standing_filing
    assert filing is not None
    page = Basis(document_id=filing.documents.order_by("pk")[0].pk, page=1)
    for position, outcome in enumerate(Evidence.Outcome):
        verify_finding(filing=filing, position=position, outcome=outcome, basis=page, actor=staff)


def _make_opened(number: str) -> Offer:
    """Publish an offer with a value in every field of the demonstration's offer.

    Its list is frozen. Freezing the demonstration's list, to which other tests file, would change what they export.
    """
    return make_open_offer(
        number=number,
        organisation=ORGANISATION,
        organisation_short="UNESCO",
        domain=DOMAIN,
        allowance_min=Decimal(15000),
        allowance_max=Decimal(15000),
        currency="CAD",
        place="Paris, France",
        funder=FUNDER,
        contact_unit=CONTACT_UNIT,
        contact_phone="418 649-2400",
        contact_extension="56320",
        contact_email="stages.oig@exemple.invalid",
        grid=GRID,
    )


def _make_amended(candidate: User, number: str) -> Submission:
    """File twice, then start a third filing that changes an answer."""
    receipt = make_filing(offer=make_open_offer(number=number), candidate=candidate)
    submission = receipt.filing.submission
    second = start_amendment(submission=submission, actor=candidate)
    file_draft(draft=second, actor=candidate, declarations=ALL_DECLARATIONS)
    third = start_amendment(submission=submission, actor=candidate)
    Draft.objects.filter(pk=third.pk).update(answers=third.answers | {"first_name": "Marie-Ève"})
    return submission


def _make_decided() -> tuple[dict[str, DecisionBatch], dict[str, User]]:
    """Prepare an invitation with one row to be refused, send another decision, and fill a reserve list of two."""
    offer, preparer = make_open_offer(number="2031-114"), make_staff()
    candidate = make_user("scene-retenue@exemple.invalid")
    selected = make_shortlisted(offer, candidate=candidate, last_name=LONG_NAME)
    waiting = [make_shortlisted(offer, last_name=name) for name in (LONG_NAME, "Roy")]
    make_shortlisted(make_open_offer(number="2031-115"), candidate=candidate, last_name=LONG_NAME)
    decide(
        *(make_shortlisted(offer, last_name=name) for name in (LONG_NAME, "Côté")),
        action=Action.PUT_ON_RESERVE,
    )
    word = "Par visioconférence, le 12 mai 2027 à 10 h.\n\nConfirmez d’ici le 5 mai."
    prepared = make_batch(*waiting, action=Action.INVITE, word=word, preparer=preparer)
    withdraw_submission(submission=waiting[1], actor=waiting[1].candidate, reason="Autre projet")
    sent = decide(selected, action=Action.SELECT, word="Bravo ! Nous vous appelons lundi.")
    people = {"preparer": preparer, "selected": candidate}
    return {"prepared": prepared, "sent": sent}, people


def _make_registers(filed: Submission, reviewer: User, staff: User) -> int:
    """Record readings of `filed`, and enter an incident; return its key."""
    for reader in (reviewer, staff, staff):
        record(actor=reader, action="SUBMISSION_OPENED", subject=filed)
    record_list(actor=staff, page="review:ranking", keys=[str(filed.public_id)])
    incident = make_incident(actor=make_officer())
    make_update(incident, "ASSESSED", risk="SERIOUS", text="Les renseignements sont sensibles.")
    make_update(incident, "COMMISSION_NOTIFIED", text="Formulaire de la Commission envoyé.")
    return incident.pk


def _make_orders(staff: User, frozen: Shortlist) -> dict[str, UUID]:
    """Order files of a frozen list: one that is due in a day, one ready, and two that will never be written."""
    tomorrow = timezone.now() + timedelta(days=1)
    found = {
        "open": make_order(staff, frozen, at=tomorrow),
        "ready": make_order(staff, frozen, "xlsx"),
        "cancelled": make_order(staff, frozen, "pdf", at=tomorrow),
        "late": make_order(staff, frozen, "csv", at=tomorrow),
    }
    write_order(job_of(found["ready"]), timezone.now())
    cancel_order(order=found["cancelled"], actor=staff)
    remove_order(job_of(found["late"]), tomorrow)
    return {name: order.public_id for name, order in found.items()}


def _make_withdrawn(candidate: User, number: str) -> Submission:
    receipt = make_filing(offer=make_open_offer(number=number), candidate=candidate)
    return withdraw_submission(
        submission=receipt.filing.submission, actor=candidate, reason="Je préfère ne pas le dire"
    )


def _about(submission: Submission) -> dict[str, Any]:
    return {
        "number": submission.offer.number,
        "public_id": submission.public_id,
        "request_id": submission.offer.documents.get(kind="CV").pk,
    }


def make_staff_session() -> None:
    """Make a new staff member, and print their session."""
    staff = make_staff(email=new_address())
    print_found(session_of(staff))


@delay_deliveries()
def make_ranked() -> None:
    """File two submissions that other weights rank the other way round. Print the address and a session."""
    offer = make_open_offer(number=new_number(), grid=GRID[:2])
    reviewer = make_reviewer(offer, email=new_address())
    lines = list(offer.grid_lines.order_by("position"))
    for name, marks in (("Première", (5, 2)), ("Deuxième", (3, 3))):
        candidate = new_candidate()
        filed = make_filing(offer=offer, candidate=candidate, last_name=name).filing.submission
        given = AssessmentData(
            lines={line.pk: LineMarkData(mark) for line, mark in zip(lines, marks, strict=True)}
        )
        submit_assessment(submission=filed, reviewer=reviewer, given=given, version=0, at=timezone.now())
    print(offer.number)  # noqa: T201 -- the test reads this output


def make_empty_draft() -> None:
    """Make a draft without documents of a new candidate. Print its address and the candidate's session."""
    candidate = new_candidate()
    draft = make_draft(offer=make_open_offer(number=new_number()), candidate=candidate, documents=False)
    session = session_of(candidate)
    found = {"public_id": draft.submission.public_id, "session": session}
    print_found(found)


def make_filed(*, with_pdf: bool = True) -> None:
    """File a submission of a new candidate before a committee of one. Print its address and the sessions.

    Without `with_pdf`, the filing has no PDF receipt, as filings before there were any: none was requested.
    """
    candidate = new_candidate()
    offer = make_open_offer(number=new_number())
    with transaction.atomic():  # no worker sees the deliveries that are removed
        receipt = make_filing(offer=offer, candidate=candidate)
        if not with_pdf:
            Delivery.objects.filter(kind__in=JOBS, key=receipt.number).delete()
    reviewer = make_reviewer(offer, email=new_address())
    found = {
        "public_id": receipt.filing.submission.public_id,
        "address": candidate.email,
        "session": session_of(candidate),
        "reviewer": session_of(reviewer),
    }
    print_found(found)


@delay_deliveries()
def make_queue() -> None:
    """File three submissions to a new offer. Print their numbers and the session of a decider."""
    offer = make_open_offer(number=new_number())
    receipts = [
        make_filing(offer=offer, candidate=new_candidate(), last_name=last_name)
        for last_name in ("Un", "Deux", "Trois")
    ]
    found = {
        "offer": offer.number,
        "numbers": [receipt.number for receipt in receipts],
        "session": session_of(make_staff(email=new_address())),
    }
    print_found(found)


def make_frozen_list() -> None:
    """Freeze a list of two candidates. Print its page and the session of a user who may export it."""
    offer = make_open_offer(number=new_number())
    staff = make_staff(email=new_address())
    for last_name in ("Un", "Deux"):
        candidate = new_candidate()
        make_shortlisted(offer, staff=staff, candidate=candidate, last_name=last_name)
    frozen = freeze_shortlist(offer=offer, actor=staff, reason="Envoi", at=timezone.now())
    found = {
        "path": f"/admin/offres/{offer.number}/preselection/{frozen.number}/",
        "session": session_of(staff),
    }
    print_found(found)


def _make_assigned(number: str) -> Offer:
    """File three submissions, all assigned to a committee of one and one assessed. Return the offer."""
    offer = make_open_offer(number=number)
    reviewer = make_reviewer(offer, email=new_address())
    staff = make_staff(email=new_address())
    files = [make_filing(offer=offer, candidate=new_candidate()).filing.submission for _each in range(3)]
    at = timezone.now()
    assign_files(
        offer=offer,
        pairs=[(file.pk, reviewer.pk) for file in files],
        way=Assignment.Way.HAND,
        due_on=at.astimezone(offer.zone).date() + timedelta(days=1),
        actor=staff,
        at=at,
    )
    make_assessment(files[0], reviewer, 4)
    return offer
