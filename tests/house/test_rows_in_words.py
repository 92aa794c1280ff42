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


OURS = [model for model in apps.get_models() if model.__module__.startswith(("intake.", "offers."))]


def test_each_model_has_its_text_for_a_row() -> None:
    texts = {model._meta.label: str(_row(model, itertools.count(1))) for model in OURS}
    assert [label for label, text in texts.items() if not text.strip() or " object (" in text] == []
    assert texts["register.Participation"] == "Participation de 3", "no name of a person is kept"


def test_each_choice_of_a_field_has_a_label_to_translate() -> None:
    fields = [
        field
        for model in OURS
        for field in model._meta.fields
        if field.choices and str(field) != "submissions.Transition.action"  # codes, never shown
    ]
    labels = {(str(field), value): label for field in fields for value, label in field.flatchoices}
    assert len(labels) > 100
    assert [place for place, label in labels.items() if not isinstance(label, Promise)] == []
