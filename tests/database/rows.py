"""The rows on which SQL is tried: at least one per table of ours, and names for those that attempts use."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Permission
from django.utils import timezone

from intake.accounts.changes import ask_change, refuse_change
from intake.accounts.models import AccountChange, ProviderIdentity, User
from intake.accounts.second_factor.invitations import open_invitation
from intake.dossiers.models import LostDossier, PagePictures, RemadeReceipt
from intake.dossiers.sealed_payload import Payload
from intake.operations.models import Backup
from intake.operations.preferences import offer_english
from intake.outbox.models import Heartbeat, KeyInUse, Message, MessageAttachment, Outage
from intake.privacy.retention.erasing import erase_submission
from intake.register.services import remove_participation
from intake.review.models import (
    AnchorFile,
    Assessment,
    Assignment,
    BlindReading,
    BulkItem,
    Claim,
    ExportOrder,
    LineMark,
    LineWeight,
    MeetingNote,
    ReadingDraft,
    ReadingKeys,
    RegisterMatch,
    ReservePlace,
    ShortlistExport,
)
from intake.submissions.extensions.operations import extend_personal_deadline
from intake.submissions.models import DocumentPart, Ruling, Submission
from intake.transparency.services import append_leaves, publish_root
from offers.models import GridLine, Offer
from offers.services.creating import closing_instant
from offers.services.lifecycle import extend_deadline
from tests.database_roles import as_owner
from tests.factories.everything import Everything, make_everything
from tests.factories.factors import make_open_session
from tests.factories.incidents import make_incident, make_update
from tests.factories.offers import cancel_offer, make_point, make_synonyms
from tests.factories.offers import make_draft as make_offer_draft
from tests.factories.participants import make_participation
from tests.factories.payloads import seal_payload
from tests.factories.people import make_administrator, make_user
from tests.factories.retention import make_hold
from tests.factories.review import make_bulk_run, make_conflict, make_saved_view
from tests.factories.submissions import close_offer, make_draft, make_open_offer


def make_rows() -> dict[str, int]:
    """Make the rows, by operations where these are quick. Return the ids by name."""
    whole = make_everything()
    append_leaves()
    publish_root()
    amended, filing = whole.amended, whole.amended.standing_filing
    assert filing is not None
    assert filing.replaces_id is not None
    listed = Submission.objects.get(state="SHORTLISTED")
    draft = whole.drafted.drafts.get()
    held = draft.documents.order_by("pk").first()
    assert held is not None
    DocumentPart.objects.create(document=held, position=1, upload=held.upload)
    offer_english(offered=False, actor=whole.staff)
    other, closed, early, cancelled = whole.other, make_open_offer(), make_open_offer(), make_open_offer()
    close_offer(closed, seconds_ago=1)
    _extend(other, whole.staff)
    Offer.objects.filter(pk=early.pk).update(opens_at=timezone.now() + timedelta(days=1))
    cancel_offer(offer=cancelled, author=whole.staff, reason="Annulée.", at=timezone.now())
    make_synonyms("synonyme", "équivalent")
    make_update(make_incident(), "ASSESSED", risk="NOT_SERIOUS")
    _make_what_is_read(whole, listed)
    _make_what_is_listed(whole, listed)
    administrator = make_administrator()
    for owner in (administrator, whole.staff):
        make_open_session(owner)
    open_invitation(user=whole.staff, at=timezone.now())
    ProviderIdentity.objects.create(
        user=whole.staff, issuer="https://a.invalid", subject="staff", linked_at=timezone.now()
    )
    LogEntry.objects.create(user=whole.staff, action_flag=CHANGE)
    make_hold(whole.completed, by=administrator)
    erase_submission(submission=make_draft(offer=whole.offer).submission)
    return _make_changes() | {
        "administrator": administrator.pk,
        "staff": whole.staff.pk,
        "person": whole.drafted.candidate_id,
        "nobody": make_user().pk,
        "open": whole.offer.pk,
        "other": other.pk,
        "closed": closed.pk,
        "early": early.pk,
        "cancelled": cancelled.pk,
        "unpublished": _unpublished().pk,
        "arrival": whole.arrived.pk,
        "unfiled": whole.drafted.pk,
        "draft": draft.pk,
        "seal": seal_payload(payload=Payload.parse(filing.seal.canonical or ""), at=timezone.now()).pk,
        "amended": amended.pk,
        "filing": filing.pk,
        "first_filing": filing.replaces_id,
        "reserved": whole.reserved.pk,
        "incomplete": whole.incomplete.pk,
        "answered": whole.answered.pk,
        "selected": whole.selected.pk,
        "completed": whole.completed.pk,
        "listed": listed.pk,
    }


def _make_changes() -> dict[str, int]:
    """Make a change of an account that waits, one that is refused, and a closed account."""
    at, candidate = timezone.now(), make_user()
    asker, second = make_administrator(), make_administrator()
    asking: dict[str, Any] = {"reason": "Arrivée.", "actor": asker, "at": at}
    asked = ask_change(person=candidate, kind=AccountChange.Kind.ROLES, value="STAFF", **asking)
    address = ask_change(person=candidate, kind=AccountChange.Kind.ADDRESS, value="n@exemple.ca", **asking)
    refuse_change(change=address, actor=second)
    return {
        "candidate": candidate.pk,
        "second_administrator": second.pk,
        "asked_change": asked.pk,
        "closed_account": make_user(is_active=False).pk,
    }


def _extend(offer: Offer, author: User) -> None:
    """Extend `offer` for every candidate, then further for one."""
    days = [offer.closes_on + timedelta(days=days) for days in (1, 5)]
    extend_deadline(
        offer=offer,
        author=author,
        reason="Panne.",
        closes_at=closing_instant(closes_on=days[0], zone=offer.zone),
        at=timezone.now(),
    )
    extend_personal_deadline(
        offer=offer,
        candidate=make_user(),
        author=author,
        reason="Maladie.",
        closes_on=days[1],
        at=timezone.now(),
    )


def _unpublished() -> Offer:
    """Return a draft offer with a record of a change."""
    offer = make_offer_draft(at=timezone.now())
    make_point(offer)
    offer.changes.create(kind="IMPORTED", at=timezone.now(), details="")
    return offer


def _make_what_is_read(whole: Everything, listed: Submission) -> None:
    at, staff, offer = timezone.now(), whole.staff, whole.offer
    line = GridLine.objects.create(offer=offer, position=1, text="Rigueur", requirement="REQUIRED")
    GridLine.objects.create(offer=offer, position=2, text="Anglais", requirement="ASSET")
    LineMark.objects.create(assessment=Assessment.objects.get(), line=line, mark=3)
    LineWeight.objects.create(line=line, weight=2)
    Claim.objects.create(submission=listed, holder=staff, expires_at=at + timedelta(hours=1))
    Assignment.objects.create(submission=listed, reviewer=staff, way="HAND", assigned_by=staff)
    BlindReading.objects.create(offer=offer, begun_by=staff)
    MeetingNote.objects.create(offer=offer, text="Séance.", author=staff)
    make_conflict(listed)
    BulkItem.objects.filter(run=make_bulk_run(whole.amended, staff)).update(position=1)
    make_saved_view(staff)
    AnchorFile.objects.create(submission=listed, named_by=staff)
    ReadingDraft.objects.create(submission=listed, reader=staff, saved_at=at)
    ReadingKeys.objects.create(reader=staff)
    filing = whole.reserved.standing_filing
    assert filing is not None
    Ruling.objects.create(
        filing=filing, position=0, kind="AGE", decision="CONFIRMED", reason="Vu.", turn=1, actor=staff
    )
    RegisterMatch.objects.create(filing=filing, position=0, entered_at=at)
    make_participation()
    remove_participation(participation=make_participation(), reason="Erreur.", actor=staff)
    with as_owner():
        staff.user_permissions.add(Permission.objects.all()[0])


def _make_what_is_listed(whole: Everything, listed: Submission) -> None:
    at, staff, offer = timezone.now(), whole.staff, whole.offer
    Submission.objects.filter(pk=listed.pk).update(state="RESERVE")
    ReservePlace.objects.create(offer=offer, submission=listed, place=1)
    taken = ShortlistExport.objects.create(
        offer=offer, file_format="csv", language="fr", rows_count=3, size=9, sha256="0" * 64, actor=staff
    )
    for state, export in (("OPEN", None), ("EXPIRED", taken)):
        ExportOrder.objects.create(
            key=uuid4(),
            actor=staff,
            offer=offer,
            file_format="csv",
            language="fr",
            state=state,
            total=3,
            export=export,
            ended_at=at if export else None,
            expires_at=at + timedelta(days=1),
        )
    PagePictures.objects.create(dossier=whole.dossier, file="pages/x.zip", sha256="0" * 64, built_at=at)
    LostDossier.objects.create(
        dossier=whole.dossier, sha256="0" * 64, size=1, pages=1, built_at=at, noted_at=at
    )
    RemadeReceipt.objects.create(receipt=whole.signed, sha256="0" * 64, size=1, built_at=at)
    Backup.objects.create()
    Heartbeat.objects.create(process="beat", machine="x", at=at)
    KeyInUse.objects.create(variable="SECRET_KEY", fingerprint="x", seen_at=at)
    Outage.objects.create(server=Outage.Server.MAIL, started_at=at, seen_at=at, reason="x")
    MessageAttachment.objects.create(
        message=Message.objects.all()[0], position=1, storage_name="a.pdf", filename="a.pdf", media_type="x"
    )
