"""What follows a filing: the receipt by mail at once, then the dossier, made and mailed.

Run by the outbox's workers, possibly more than once each; everything is read from what was sealed.
"""

from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models.fields.files import FieldFile
from django.urls import reverse

from intake.dossiers.child.fence import DRAWING
from intake.dossiers.models import Dossier, SignedReceipt
from intake.dossiers.receipts.address import verifying_address
from intake.dossiers.services import Part, build_dossier, read_seal
from intake.outbox.letters import Attachment, Letter, render_letter
from intake.outbox.models import Delivery
from intake.outbox.services import post
from intake.submissions.delivery_kinds import DOSSIER_MAIL, turn_in
from intake.submissions.filing.sealed_filing import read_filing
from intake.submissions.models import PersonalExtension, Receipt, Ruling, Submission
from intake.submissions.receipts.lost_files import ask_for_lost_dossier, ask_for_lost_receipt
from intake.submissions.receipts.signed_receipt import facts_of
from intake.submissions.rulings.queries import latest_in, rulings_on
from offers.criteria_words import criterion_names
from offers.models import Offer

from .context import context_of_filed, is_overtaken

ATTACHED_UP_TO: Final = 5 * 1024 * 1024
"""Bytes. Many mail servers refuse 10 MB, and base64 adds a third: a larger dossier is linked, behind sign-in."""

FIRST_CPU_SECONDS: Final = 4
"""CPU of the first attempt to draw a dossier: most take one, one of 600 pages takes five. The next attempts wait
behind the dossiers of others and have all there is: a document that only burns CPU does not hold up those who filed
at the same time for long."""


def compose_receipt(delivery: Delivery, at: datetime) -> Letter:
    """Return the mail that proves the filing; `at` is not shown, only the instant of the receipt."""
    del at
    facts = facts_of(_receipt_of(delivery))
    return _compose("receipt", delivery, facts=facts, verify_address=verifying_address(facts))


def compose_dossier(delivery: Delivery, at: datetime) -> Letter:
    """Return the mail that brings the dossier, and the signed receipt if it is made by then.

    Attached up to `ATTACHED_UP_TO` in all, else by a link behind sign-in. A file that was lost is asked for again: the
    mail leaves without the receipt, and with a link in the place of the dossier.
    """
    receipt = _receipt_of(delivery)
    dossier = Dossier.objects.get(seal_id=receipt.filing.seal_id)
    attachments = []
    if dossier.size <= ATTACHED_UP_TO and not ask_for_lost_dossier(receipt=receipt, at=at):
        attachments.append(_attached(dossier.file, f"{receipt.number}.pdf"))
    signed = SignedReceipt.objects.filter(seal_id=receipt.filing.seal_id).first()
    fits = signed is not None and dossier.size + signed.size <= ATTACHED_UP_TO
    if attachments and signed is not None and fits and not ask_for_lost_receipt(receipt=receipt, at=at):
        attachments.append(_attached(signed.file, f"{receipt.number}_accuse.pdf"))
    return _compose(
        "dossier",
        delivery,
        dossier=dossier,
        attachments=tuple(attachments),
        receipt_attached=len(attachments) > 1,
    )


def compose_rulings(delivery: Delivery, at: datetime) -> Letter:
    """Return the mail that answers a request for review: each finding, what a person judged in it, and why."""
    del at
    filing = _receipt_of(delivery).filing
    findings = read_filing(filing).verdict.findings
    standing = sorted(latest_in(turn_in(delivery.key), rulings_on(filing)).items())
    names = criterion_names(finding.kind.value for finding in findings)
    rulings = [
        {"title": names[position], "machine": findings[position].reason_fr, "ruling": row}
        for position, row in standing
    ]
    upheld = any(row.decision == Ruling.Decision.CONFIRMED for _position, row in standing)
    return _compose("rulings", delivery, rulings=rulings, upheld=upheld)


def compose_extension(delivery: Delivery, at: datetime) -> Letter:
    """Return the mail that tells one person of the time they were given; its reason is on their pages alone."""
    extension, submission = _extension_of(delivery)
    offer = extension.offer
    if submission is None:
        page, filed = reverse("submissions:start", args=[offer.number]), {}
    else:
        filed = context_of_filed(submission, at)
        name = "submissions:receipt" if filed["receipt"] else "submissions:tasks"
        page = reverse(name, args=[submission.public_id])
    subject, text, html = render_letter(
        "personal_extension",
        {
            **filed,
            "offer": offer,
            "closing": extension.closing,
            "everyones": offer.closing,
            "has_draft": submission is not None,
            "portal_name": offer.programme.name,
            **contact_of(offer),
            "page": settings.SITE_URL.rstrip("/") + page,
        },
    )
    return Letter(to=extension.candidate.email, subject=subject, text=text, html=html)


def is_past_extension(delivery: Delivery, at: datetime) -> bool:
    """Say whether the time that one person was given is no longer theirs alone at `at`, or its mail no longer holds.

    It is over, or everybody's; the offer is cancelled, the account closed; or they filed since it was written.
    """
    extension, submission = _extension_of(delivery)
    offer = extension.offer
    return (
        extension.closes_at <= max(at, offer.closes_at)
        or offer.status != Offer.Status.PUBLISHED
        or not extension.candidate.is_active
        or is_overtaken(delivery, submission)
    )


def _extension_of(delivery: Delivery) -> tuple[PersonalExtension, Submission | None]:
    extension = PersonalExtension.objects.select_related("offer__programme", "candidate").get(pk=delivery.key)
    theirs = Submission.objects.filter(offer=extension.offer_id, candidate=extension.candidate_id)
    return extension, theirs.select_related("offer", "standing_filing__receipt").first()


def make_dossier(delivery: Delivery, at: datetime) -> None:
    """Make the dossier of a filing and ask for its mail; made once, whatever is run twice."""
    receipt = _receipt_of(delivery)
    filing = receipt.filing
    parts = [
        Part(label=row.request.label, upload=row.upload)
        for row in filing.documents.select_related("request", "upload").order_by("request__position")
    ]
    build_dossier(
        seal=filing.seal,
        number=receipt.number,
        received_at=filing.received_at,
        parts=parts,
        at=at,
        cpu_seconds=FIRST_CPU_SECONDS if delivery.attempts <= 1 else DRAWING.cpu_seconds,
    )
    with transaction.atomic():
        post(kind=DOSSIER_MAIL, key=receipt.number, subject=receipt, at=at)


def _attached(file: FieldFile, name: str) -> Attachment:
    return Attachment(storage_name=str(file.name), filename=name, media_type="application/pdf")


def _receipt_of(delivery: Delivery) -> Receipt:
    return Receipt.objects.select_related(
        "filing__seal",
        "filing__replaces__receipt",
        "filing__submission__offer",
        "filing__submission__candidate",
    ).get(pk=delivery.subject_id)


def contact_of(offer: Offer) -> dict[str, str]:
    """Return whom to ask about `offer`, in place of the portal's own contact; nothing if the offer names no address."""
    if not offer.contact_email:
        return {}
    return {"contact_unit": offer.contact_unit, "contact_email": offer.contact_email}


def _compose(
    template: str,
    delivery: Delivery,
    *,
    attachments: tuple[Attachment, ...] = (),
    **context: Any,
) -> Letter:
    receipt = _receipt_of(delivery)
    filing = receipt.filing
    submission = filing.submission
    payload = read_seal(filing.seal)
    subject, text, html = render_letter(
        template,
        {
            "receipt": receipt,
            "filing": filing,
            "replaced": filing.replaces,
            "offer": submission.offer,
            "person": payload.person,
            "call": payload.call,
            "documents": payload.documents,
            "window": submission.window,
            "complement": payload.complement,
            "asks_review": bool(payload.review_message),
            "portal_name": payload.call.programme or settings.PORTAL_NAME,
            "attached": bool(attachments),
            **context,
            **contact_of(submission.offer),
            "page": settings.SITE_URL.rstrip("/")
            + reverse("submissions:receipt", args=[submission.public_id]),
        },
    )
    return Letter(
        to=submission.candidate.email, subject=subject, text=text, html=html, attachments=attachments
    )
