"""`str()` of a row of each model, as Django shows it in the administration, in a choice or in a log."""

import datetime as dt
import itertools
import uuid
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.functional import Promise

AT = dt.datetime(2031, 5, 4, 12, 30, tzinfo=dt.UTC)
CALLED: dict[str, str] = {
    "offers.Programme": "‹name›",
    "offers.Offer": "‹number› — ‹organisation_short›",
    "offers.OpenPoint": "‹code›",
    "offers.OfferChange": "‹kind›",
    "offers.OfferExtension": "‹number› — ‹organisation_short› — 2031-05-04",
    "offers.Section": "‹title›",
    "offers.DocumentRequest": "‹label›",
    "offers.GridLine": "‹text›",
    "offers.RulebookVersion": "‹number› — ‹organisation_short› — 6",
    "offers.SynonymGroup": "‹terms›",
    "journal.Entry": "‹action› ‹subject_kind› ‹subject_id›",
    "journal.Link": "3.4",
    "accounts.User": "‹display_name›",
    "outbox.Delivery": "‹key›",
    "outbox.Message": "‹subject›",
    "outbox.MessageAttachment": "‹filename›",
    "transparency.Leaf": "‹number›",
    "transparency.Node": "1/2",
    "transparency.Root": "2 ‹hash›",
    "profiles.Profile": "‹first_name› ‹last_name›",
    "profiles.NoticeAcceptance": "‹notice› ‹version›",
    "documents.Upload": "‹original_name›",
    "register.Participation": "Participation de 3",
    "register.Removal": "2 2031-05-04 12:30:00+00:00",
    "dossiers.Seal": "‹digest›",
    "dossiers.Dossier": "‹number›",
    "dossiers.LostDossier": "‹sha256›",
    "dossiers.SignedReceipt": "‹number›",
    "dossiers.RemadeReceipt": "‹sha256›",
    "operations.SitePreferences": "préférences du portail",
    "submissions.ComplementRequest": "demande de complément 1",
    "submissions.ComplementDocument": "‹label›",
    "submissions.PersonalExtension": "prolongation personnelle 1",
    "submissions.Submission": "‹number› · ‹filed_name›",
    "submissions.Draft": "brouillon 1",
    "submissions.Arrival": "arrivée A-000001",
    "submissions.DocumentPart": "‹original_name›",
    "submissions.DraftDocument": "‹original_name›",
    "submissions.PendingUpload": "‹name›",
    "submissions.Filing": "dépôt 1",
    "submissions.FiledDocument": "‹original_name›",
    "submissions.Receipt": "‹number›",
    "submissions.Verdict": "‹outcome›",
    "submissions.ReviewRequest": "demande de révision 1",
    "submissions.Ruling": "‹kind› ‹decision›",
    "submissions.Transition": "‹from_state› → ‹to_state›",
    "accounts.AccountChange": "‹kind› 1",
    "accounts.OpenSession": "‹device›",
    "accounts.ProviderIdentity": "‹subject›",
    "accounts.Invitation": "00000000-0000-0000-0000-000000000007",
    "privacy.Incident": "2031-1",
    "privacy.IncidentUpdate": "2 · ‹kind›",
    "privacy.RetentionRule": "‹outcome› 2",
    "privacy.LegalHold": "suspension de l’effacement 1",
    "privacy.Erasure": "‹kind› 1",
    "review.Assessment": "2 · 29",
    "review.LineMark": "2 · 38",
    "review.LineWeight": "2 × 8",
    "review.BlindReading": "‹number› — ‹organisation_short›",
    "review.BulkRun": "‹action› · 00000000-0000-0000-0000-000000000007",
    "review.BulkItem": "2 · 5",
    "review.Claim": "2 · 29",
    "review.CommitteeMember": "‹display_name› · ‹number› — ‹organisation_short›",
    "review.Assignment": "2 · 29",
    "review.Conflict": "‹display_name› · ‹number› · ‹filed_name›",
    "review.DecisionBatch": "‹title›",
    "review.DecisionItem": "2 · 11",
    "review.ReservePlace": "2 · 33",
    "review.Evidence": "2 · 57 · ‹outcome›",
    "review.Shortlist": "‹number› — ‹organisation_short› · 6",
    "review.ShortlistRow": "2 · 10",
    "review.ShortlistExport": "‹FILE_FORMAT› · ‹sha256›",
    "review.ExportOrder": "‹FILE_FORMAT› · 00000000-0000-0000-0000-000000000007",
    "review.MeetingNote": "2 · 2031-05-04",
    "review.RegisterMatch": "2 · 2031-05-04 12:30:00+00:00",
    "review.SavedView": "‹name›",
}
"""Expected texts for rows whose text values are their fields' names and whose numbers are consecutive."""
_DEPTH = 3


def _row(model: type[models.Model], numbers: Iterator[int], depth: int = 0) -> models.Model:
    """Return an unsaved row with its related rows, `_DEPTH` levels deep."""
    row = model()
    for field in model._meta.concrete_fields:
        if field.related_model is None:
            setattr(row, field.attname, _value(field, numbers))
        elif depth < _DEPTH:
            setattr(row, field.name, _row(field.related_model, numbers, depth + 1))
    return row


def _value(field: "models.Field[Any, Any]", numbers: Iterator[int]) -> object:  # noqa: PLR0911 -- one case a sort
    match field:
        case models.DateTimeField():
            return AT
        case models.DateField():
            return AT.date()
        case models.BooleanField():
            return True
        case models.UUIDField():
            return uuid.UUID(int=7)
        case models.IntegerField() | models.DecimalField():
            return next(numbers)
        case models.JSONField() | models.BinaryField():
            return None
        case ArrayField():
            return [f"‹{field.name}›"]
        case _:
            return f"‹{field.name}›"


def test_each_model_has_its_text_for_a_row() -> None:
    ours = [model for model in apps.get_models() if model.__module__.startswith(("intake.", "offers."))]
    assert {model._meta.label: str(_row(model, itertools.count(1))) for model in ours} == CALLED


def test_each_choice_of_a_field_has_a_label_to_translate() -> None:
    fields = [
        field
        for model in apps.get_models()
        if model.__module__.startswith(("intake.", "offers."))
        for field in model._meta.fields
        if field.choices and str(field) != "submissions.Transition.action"  # codes, never shown
    ]
    labels = {(str(field), value): label for field in fields for value, label in field.flatchoices}
    assert len(labels) > 100
    assert [place for place, label in labels.items() if not isinstance(label, Promise)] == []
