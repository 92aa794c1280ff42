"""A world in which every text that a person can enter is hostile and has its own mark."""

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any, Final
from urllib.parse import urlencode
from uuid import uuid4

from django.apps import apps
from django.core import mail
from django.core.mail import EmailMessage
from django.db import connection, models
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from intake.accounts.models import AccountChange
from intake.accounts.second_factor.invitations import give_invitation
from intake.devtools.demonstration.offers import CRITERIA
from intake.dossiers.services import read_seal
from intake.operations.preferences import name_on_call
from intake.outbox import kinds
from intake.outbox.models import Delivery, Message
from intake.outbox.services import post
from intake.privacy.delivery_kinds import ERASURE_NOTICE_MAIL
from intake.profiles.models import Profile, Province
from intake.register.services import remove_participation
from intake.review.assignment.operations import assign_files
from intake.review.bulk.operations import start_bulk_run
from intake.review.calibration.operations import name_anchor
from intake.review.committees.operations import add_committee_member, lift_conflict
from intake.review.evidence.operations import Basis, verify_finding
from intake.review.marks.operations import AssessmentData, LineMarkData, save_assessment
from intake.review.models import Assessment, Assignment, BulkRun, Conflict, Evidence, ReadingDraft
from intake.review.queue.saved_views import save_view
from intake.review.ranking.operations import add_meeting_note
from intake.submissions.after_filing.operations import withdraw_submission
from intake.submissions.delivery_kinds import ARRIVAL_REFUSED_MAIL, DOSSIER_MAIL, OFFER_CHANGE
from intake.submissions.extensions.operations import extend_personal_deadline
from intake.submissions.mails.reminders import remind_of_complements, remind_of_drafts
from intake.submissions.models import PendingUpload, Receipt, Ruling, Submission
from intake.submissions.rulings.queries import refused_positions
from intake.submissions.states import Action
from offers.models import (
    DocumentRequestData,
    GridLineData,
    Offer,
    Programme,
    Section,
    SectionData,
    SynonymGroup,
)
from offers.services.cancelling import ask_cancellation
from offers.services.correcting import correct_offer
from offers.services.creating import default_programme
from offers.services.lifecycle import extend_deadline, settle_point
from offers.services.rulebooks import publish_rulebook
from tests.database_roles import as_owner
from tests.factories.arrivals import make_refused_arrival
from tests.factories.complements import file_answer, request_complement_for, resume_without_complement
from tests.factories.decisions import confirm, make_batch, release, send
from tests.factories.offers import make_point, make_programme
from tests.factories.participants import make_participation
from tests.factories.people import change_as_operator, make_user
from tests.factories.retention import make_hold
from tests.factories.review import (
    make_conflict,
    make_dossier,
    make_filed,
    make_filed_for_review,
    make_reviewer,
    make_ruling,
    make_shortlisted,
    make_signed_receipt,
)
from tests.factories.submissions import make_arrival, make_draft, make_open_offer, make_waiting_upload
from tests.house.hostile import ADDRESS, PLANTED, TYPED_ANSWERS, hostile, token_of
from tests.house.world import World, make_world
from tests.review.reading import number_of

ANSWERS_GIVEN: Final[dict[str, Any]] = {
    **{key: hostile(f"answer.{key}", room or 250) for key, room in TYPED_ANSWERS.items()},
    "province": Province.OUTSIDE.value,  # outside Canada a postal code has no form
    "birth_date": "1999-02-17",
    "file_name": hostile("answer.file_name"),
}


def _texts_of(model: type[models.Model]) -> dict[str, str]:
    """Return a hostile text for each column of `model` that a person fills in."""
    named = {field: f"{model._meta.label}.{field.name}" for field in model._meta.concrete_fields}
    return {
        field.name: hostile(name, getattr(field, "max_length", None) or 250)
        for field, name in named.items()
        if name in PLANTED
    }


def _words_of_offers() -> dict[str, Any]:
    """Return the texts that staff enter in an offer, those of its programme included."""
    clause = {key: hostile(f"clause.{key}") for key in ("reference", "text")}
    return {
        **_texts_of(Offer),
        "programme": make_programme(**_texts_of(Programme)),
        "sections": [
            SectionData(
                kind=kind, title=hostile("offers.Section.title"), text=hostile("offers.Section.text", 500)
            )
            for kind in (Section.Kind.MANDATE, Section.Kind.SKILLS, Section.Kind.ELIGIBILITY)
        ],
        "documents": [
            DocumentRequestData(
                kind=kind,
                label=hostile("offers.DocumentRequest.label", 120),
                hint=hostile("offers.DocumentRequest.hint"),
                max_pages=3,
            )
            for kind in ("CV", "TRANSCRIPT")
        ],
        "grid": [GridLineData(text=hostile("offers.GridLine.text", 500))],
        "criteria": [row | {"clause": clause} for row in CRITERIA],
    }


def _overwrite(model: type[models.Model], *names: str) -> None:
    """Replace every non-empty value of the columns `names` of `model` by the hostile text of its column.

    The table's own triggers are disabled.
    """
    table, label = model._meta.db_table, model._meta.label
    fields = [field for field in model._meta.concrete_fields if field.name in names]
    texts = [hostile(f"{label}.{field.name}", getattr(field, "max_length", None) or 400) for field in fields]
    given = ", ".join(f"{field.column} = CASE {field.column} WHEN '' THEN '' ELSE %s END" for field in fields)
    with as_owner(), connection.cursor() as cursor:
        # ALTER TABLE fails while deferred constraints wait for the commit.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(f"UPDATE {table} SET {given}", texts)  # noqa: S608 -- names of our own columns
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


_GIVEN: Final = frozenset(
    {
        "accounts.User.email",
        "offers.SynonymGroup.terms",
        "review.SavedView.name",
        "review.SavedView.query",
        "review.ReadingDraft.fields",
        "review.BulkRun.query",
        "submissions.Arrival.review_message",
    }
)
"""Columns that are unique, never change or hold a query or a list: their text is set where the row is made."""
_SENT: Final = [
    kind.code for kind in kinds.registered() if kind.code.endswith("_MAIL") or kind.code == OFFER_CHANGE
]


@dataclass(frozen=True, kw_only=True)
class HostileWorld:
    """The world, the mails that it sent, and the variants of the objects that it adds to the default ones."""

    world: World
    mails: list[EmailMessage]
    listed: Offer
    """An offer with the candidate on its frozen shortlist."""
    more: tuple[str, ...]


def make_hostile_world() -> HostileWorld:
    """Make the world by the portal's operations, then overwrite the columns that these cannot fill."""
    words = _words_of_offers()
    world = make_world(said=ANSWERS_GIVEN, email=hostile("accounts.User.email"), written=words)
    SynonymGroup.objects.filter(pk=world.rows["offers_synonymgroup"]).update(
        terms=[hostile("offers.SynonymGroup.terms", 100), "éthique du vivant"]
    )
    more = _more_objects(world, words)
    for each in more.values():
        if each.standing_filing is not None:
            make_dossier(each)
            make_signed_receipt(each)
    receipt = Receipt.objects.latest("pk")
    post(kind=DOSSIER_MAIL, key=receipt.number, subject=receipt)
    post(kind=ERASURE_NOTICE_MAIL, key=f"{receipt.number}/2031-10-04", subject=receipt)
    _keep_a_reading(world)
    _overwrite_what_is_left()
    change_as_operator(
        person=make_user(_address("before")),
        kind=AccountChange.Kind.ADDRESS,
        value=_address("value"),
        reason=hostile("accounts.AccountChange.reason"),
        at=timezone.now(),
    )
    give_invitation(user=world.people["staff"], actor=None, at=timezone.now())
    _send_all()
    # A fixed mail: the order in which reminders are made varies.
    refused = Delivery.objects.filter(message__isnull=False, kind=DOSSIER_MAIL).latest("pk")
    Delivery.objects.filter(pk=refused.pk).update(last_error=hostile("outbox.Delivery.last_error", 400))
    Message.objects.filter(delivery=refused).update(
        report_code="5.1.1",
        report_words=hostile("outbox.Message.report_words", 400),
        returned_at=timezone.now(),
    )
    variants: dict[str, dict[str, object]] = {
        name: {"public_id": row.public_id, "number": row.offer.number} for name, row in more.items()
    }
    variants |= {
        "review:bulk_run": {"run_id": BulkRun.objects.latest("pk").public_id},
        "review_conflict": {"object_id": Conflict.objects.exclude(lifted_at=None).latest("pk").pk},
        "outbox_delivery": {"object_id": refused.pk},
    }
    mails = list(mail.outbox)
    mail.outbox.clear()
    return HostileWorld(
        world=replace(world, variants={**world.variants, **variants}),
        mails=mails,
        listed=more["listed"].offer,
        more=tuple(variants),
    )


def _keep_a_reading(world: World) -> None:
    """Keep what a member typed about the filed application and did not submit, and why they put it aside."""
    file = world.filed
    own = Assessment.objects.filter(submission=file, reviewer=world.people["reviewer"]).first()
    typed = {"filing": str(file.standing_filing_id), "version": str(own.version if own else 0)}
    typed["note"] = hostile("review.ReadingDraft.fields", 400)
    at = timezone.now()
    ReadingDraft.objects.create(
        submission=file,
        reader=world.people["reviewer"],
        fields=typed,
        aside_reason="Relire le relevé.",
        aside_at=at,
        saved_at=at,
    )


def _address(name: str) -> str:
    """Return the hostile address of a column of the changes of accounts."""
    return ADDRESS.format(token_of(f"accounts.AccountChange.{name}"))


def _overwrite_what_is_left() -> None:
    """Overwrite the texts that the factories gave to the operations."""
    Profile.objects.update(province=Province.OUTSIDE)  # outside Canada a postal code has no form
    for model in apps.get_models():
        label = model._meta.label
        names = [name.rpartition(".")[2] for name in PLANTED if name.startswith(f"{label}.")]
        left = [name for name in names if f"{label}.{name}" not in _GIVEN]
        if left:
            _overwrite(model, *left)


def _send_all() -> None:
    """Send one mail of each kind and subject, due or not, with the announcements that post further mails."""
    known: set[str] = set()
    while waiting := [
        row for row in Delivery.objects.filter(kind__in=_SENT).order_by("pk") if _what(row) not in known
    ]:
        _send(waiting[0])
        known.add(_what(waiting[0]))
    Client().post(reverse("accounts:sign_in"), {"email": hostile("accounts.User.email")})


def _what(delivery: Delivery) -> str:
    """Return a key that is equal for deliveries whose mails have the same text."""
    return f"{delivery.kind} {delivery.key.partition('-')[0]}"


def _send(delivery: Delivery) -> None:
    """Perform a delivery even if it is not due or is obsolete."""
    handler = kinds.get(delivery.kind).handler
    if isinstance(handler, partial):
        handler = partial(handler.func, *handler.args)  # without its check for obsolete mails
    handler(delivery, timezone.now())


def _more_objects(world: World, words: dict[str, Any]) -> dict[str, Submission]:
    """Make a submission in each situation in which a person enters text. Return the submissions by situation."""
    candidate, staff = world.people["candidate"], world.people["staff"]
    at, numbers = timezone.now(), iter(range(50, 99))

    def offer(**changes: Any) -> Offer:
        made = make_open_offer(number=f"2031-0{next(numbers)}", **(words | changes))
        add_committee_member(offer=made, reviewer=world.people["reviewer"])
        return made

    def said(to: Offer) -> dict[str, Any]:
        line = {str(line.pk): hostile("answer.grid", 500) for line in to.grid_lines.all()}
        study: dict[str, Any] = {
            key: hostile(f"answer.{key}", 200) for key in ("field_of_study", "institution")
        }
        ends = (to.starts_on + timedelta(days=60)).isoformat()
        study |= {"level": "MASTER", "state": "IN_PROGRESS", "completed_on": None, "expected_on": ends}
        return {"candidate": candidate, **ANSWERS_GIVEN, "grid": line, "studies": [study]}

    def filed(to: Offer) -> Submission:
        return make_filed(to, **said(to))

    to = offer()
    reserved = make_filed_for_review(
        to,
        message=hostile("submissions.ReviewRequest.message", 500),
        **(said(to) | {"birth_date": "1970-01-01"}),
    )
    assert reserved.standing_filing is not None
    for position in refused_positions(read_seal(reserved.standing_filing.seal).verdict):
        make_ruling(
            reserved, position, Ruling.Decision.CONFIRMED, reason=hostile("submissions.Ruling.reason", 500)
        )
    complement: dict[str, Any] = {
        "staff": staff,
        "words": hostile("submissions.ComplementRequest.words", 500),
    }
    incomplete, answered, resumed = filed(offer()), filed(offer()), filed(offer())
    for each in (incomplete, answered, resumed):
        request_complement_for(each, **complement)
    file_answer(answered)
    reason = hostile("submissions.Transition.reason", 500)
    resume_without_complement(submission=resumed, actor=staff, reason=reason)
    withdrawn = filed(offer())
    withdraw_submission(submission=withdrawn, actor=candidate, reason=reason)
    extended = make_draft(offer=offer(), documents=False, candidate=candidate, **ANSWERS_GIVEN).submission
    extend_personal_deadline(
        offer=extended.offer,
        candidate=candidate,
        author=staff,
        reason=hostile("submissions.PersonalExtension.reason"),
        closes_on=extended.offer.closes_on + timedelta(days=4),
        at=at,
    )
    waiting = make_waiting_upload(extended.drafts.get())
    # Its page says that this takes long; it would say it of a younger one only in a slow run.
    PendingUpload.objects.filter(pk=waiting.pk).update(received_at=at - timedelta(minutes=5))
    arrived, unfiled = (
        make_draft(offer=offer(), **(said(extended.offer) | {"birth_date": "1970-01-01"}))
        for _draft in range(2)
    )
    make_arrival(arrived)
    message = hostile("submissions.Arrival.review_message", 500)
    refusal = make_refused_arrival(unfiled, reason="STALE_DRAFT", review_message=message)
    post(kind=ARRIVAL_REFUSED_MAIL, key=str(refusal.pk), subject=unfiled.submission)
    shortlisted = {
        name: make_shortlisted(to := offer(), **said(to))
        for name in ("declined", "invited", "on_reserve", "taken_back", "selected", "listed")
    }
    _decide(shortlisted["declined"], Action.DECLINE)
    _decide(shortlisted["invited"], Action.INVITE)
    _decide(shortlisted["on_reserve"], Action.PUT_ON_RESERVE)
    _decide(shortlisted["taken_back"], Action.SELECT, Action.TAKE_BACK)
    _decide(shortlisted["selected"], Action.SELECT)
    _work_of_staff(world, answered, shortlisted["selected"])
    make_hold(shortlisted["declined"])
    remind_of_drafts(at=extended.window.closes_at - timedelta(days=1))
    remind_of_complements(at=timezone.now() + timedelta(days=9))
    return {
        **shortlisted,
        "without_grid": filed(offer(grid=())),
        "own_programme": filed(
            offer(programme=default_programme())
        ),  # its page is read by search engines too
        "reserved": reserved,
        "incomplete": incomplete,
        "answered": answered,
        "resumed": resumed,
        "withdrawn": withdrawn,
        "extended": extended,
        "arrived": arrived.submission,
        "unfiled": unfiled.submission,
    }


def _decide(submission: Submission, *actions: Action) -> None:
    """Prepare, approve and send decisions with hostile texts."""
    word, message = (hostile(f"review.Decision{name}", 500) for name in ("Batch.word", "Item.message"))
    confirm(submission)
    for action in actions:
        send(release(make_batch(submission, action=action, word=word, messages={submission.pk: message})))
        submission.refresh_from_db()


def _work_of_staff(world: World, answered: Submission, selected: Submission) -> None:
    """Enter the texts of staff and committee. `_overwrite_what_is_left` overwrites the others."""
    staff, reviewer, at = world.people["staff"], world.people["reviewer"], timezone.now()
    said = "Quelques mots"
    name_on_call(words=hostile("operations.SitePreferences.on_call", 200), actor=staff)
    call = answered.offer
    lines = {line.pk: LineMarkData(4, said) for line in call.grid_lines.all()}
    save_assessment(
        submission=answered, reviewer=reviewer, given=AssessmentData(lines=lines, note=said), version=0, at=at
    )
    assign_files(
        offer=call,
        pairs=[(answered.pk, reviewer.pk)],
        way=Assignment.Way.HAND,
        due_on=None,
        actor=staff,
        at=at,
    )
    name_anchor(offer=call, number=number_of(answered), actor=staff, at=at)
    for filing in (answered.standing_filing, selected.standing_filing):
        assert filing is not None
        verify_finding(
            filing=filing,
            position=filing.verdict.blocking[0],
            outcome=Evidence.Outcome.CONTRADICTED,
            basis=Basis(note=said),
            actor=staff,
        )
    add_meeting_note(offer=call, author=staff, text=said)
    lift_conflict(conflict=make_conflict(answered, make_reviewer(call)), actor=staff, reason=said, at=at)
    query = urlencode({"q": hostile("review.SavedView.query", 40)})
    save_view(owner=staff, name=hostile("review.SavedView.name", 40), query=query, shared=True)
    start_bulk_run(
        key=uuid4(),
        action=Action.START_REVIEW,
        actor=staff,
        versions={world.filed.pk: world.filed.version},
        at=at,
        reason=said,
        query=urlencode({"q": hostile("review.BulkRun.query", 40)}),
    )
    remove_participation(participation=make_participation(), reason=said, actor=staff)
    changed = world.filed.offer
    extend_deadline(
        offer=changed, author=staff, reason=said, at=at, closes_on=changed.closes_on + timedelta(days=3)
    )
    correct_offer(offer=changed, author=staff, reason=said, at=at, header={"place": "Genève"})
    publish_rulebook(offer=changed, author=staff, reason=said, at=at, criteria=CRITERIA[:-1])
    ask_cancellation(offer=changed, author=world.people["administrator"], reason=said, at=at)
    settle_point(point=make_point(world.filed.offer, excerpt=said), author=staff, resolution=said, at=at)
