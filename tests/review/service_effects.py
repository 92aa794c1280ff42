"""Rows that an operation adds, changes and removes, as lines that are equal in every run."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.apps import apps
from django.contrib.postgres.functions import TransactionNow
from django.db.models import ForeignKey, Model
from django.utils import timezone

from intake.journal.models import Entry, Link
from intake.submissions.models import Submission
from tests.review.service_calls import Committee

ROOMS: Final = ("journal", "outbox", "review", "submissions")
"""The applications whose rows are compared."""
_DIFFERS_EACH_TIME: Final = {"id", "public_id", "folded_key", "seal"}
"""Made by the database, and the seal of the journal."""
_UUID: Final = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
_DIGEST: Final = re.compile(r"\b[0-9a-f]{64}\b")
_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+\+00:00")
_DAY: Final = re.compile(r"\b\d{4}-\d\d-\d\d\b")
_SEED: Final = re.compile(r"(?<=seed=)[0-9a-f]+")
_SIZE: Final = re.compile(r"(?<=bytes=)\d+")
_BATCH: Final = re.compile(r"(?<=batch=)\d+")
_NUMBER: Final = re.compile(r"(?<![\w‹])\d+(?=[-.]|$)")
_LOCK: Final = re.compile(
    r"(?P<order>ORDER BY [^()]+?)?(?: LIMIT \d+)? FOR (?P<strength>(?:NO KEY )?UPDATE)(?: OF (?P<of>[^()]+))?$"
)
_MASKS: Final = (
    (_UUID, "‹uuid›"),
    (_DIGEST, "‹digest›"),
    (_INSTANT, "‹instant›"),
    (_SEED, "‹seed›"),
    (_SIZE, "‹size›"),
    (_BATCH, "‹n›"),
    (_DAY, "‹day›"),
)

type Rows = Mapping[str, Mapping[int, Mapping[str, Any]]]


def rows() -> Rows:
    """Return every row of these applications, by model and primary key."""
    models = [
        model for room in ROOMS for model in apps.get_app_config(room).get_models() if model is not Link
    ]
    return {
        model._meta.label: {row["pk"]: row for row in model._default_manager.values("pk", *_columns(model))}
        for model in models
    }


def _columns(model: type[Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields if field.attname not in _DIFFERS_EACH_TIME]


def names_of(committee: Committee) -> dict[tuple[str, Any], str]:
    """Return the names of a committee's rows in lines, by model and primary key, and of its public ids."""
    named: dict[str, Model] = {
        **committee.people,
        **{
            "reader" if field.name == "member" else field.name: found
            for field in fields(committee)
            if isinstance(found := getattr(committee, field.name), Model)
        },
    }
    names: dict[tuple[str, Any], str] = {}
    for name, row in named.items():
        names[row._meta.label, row.pk] = name
        if (public_id := getattr(row, "public_id", None)) is not None:
            names["", str(public_id)] = f"‹{name}›"
        if isinstance(row, Submission) and row.standing_filing is not None:
            names["submissions.Filing", row.standing_filing.pk] = f"{name}'s filing"
            names["submissions.Receipt", row.standing_filing.receipt.pk] = f"{name}'s receipt"
            names["", row.standing_filing.receipt.number] = f"‹{name}'s number›"
    names["", str(committee.offer.number)] = "‹offer's number›"
    for place, line in enumerate(committee.offer.grid_lines.order_by("position"), start=1):
        names["offers.GridLine", line.pk] = f"line {place}"
    return names


def row_changes(before: Rows, after: Rows, names: Mapping[tuple[str, Any], str]) -> list[str]:
    """Return a line per row that was added (+), removed (-) or changed (~), with the columns that changed.

    Equal lines are one line with their number. Deliveries that are posted together have no order, and are sorted.
    """
    lines: Counter[str] = Counter()
    for label in before:
        of_model = _of_model(label, before[label], after[label], names)
        lines.update(sorted(of_model) if label == "outbox.Delivery" else of_model)
    return [f"{line} ×{number}" if number > 1 else line for line, number in lines.items()]


def locks(statements: Iterable[str]) -> list[str]:
    """Return a line per row lock in `statements`: its table, its strength and the order of the rows.

    Equal lines are one line with their number.
    """
    found = (_LOCK.search(statement) for statement in statements)
    lines = Counter(
        " ".join(part for part in ("=", lock["strength"], lock["of"] or "all", lock["order"]) if part)
        for lock in found
        if lock is not None
    )
    return [f"{line} ×{number}" if number > 1 else line for line, number in lines.items()]


def _of_model(
    label: str,
    before: Mapping[int, Mapping[str, Any]],
    after: Mapping[int, Mapping[str, Any]],
    names: Mapping[tuple[str, Any], str],
) -> Iterator[str]:
    model = apps.get_model(label)
    for pk in sorted(before.keys() | after.keys()):
        old, new = before.get(pk), after.get(pk)
        if old == new:
            continue
        name = names.get((label, pk), "")
        row = new or old or {}
        changes = bool(old and new)
        columns = [column for column in _columns(model) if _is_worth_showing(model, column, old, new)]
        sign = "~" if changes else "+" if new else "-"
        shown = " ".join(f"{column}={_column_text(model, column, row, names)}" for column in columns)
        yield " ".join(part for part in (sign, label, name, shown) if part)


def _field(model: type[Model], column: str) -> Any:
    return next(field for field in model._meta.concrete_fields if field.attname == column)


def _is_worth_showing(
    model: type[Model], column: str, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None
) -> bool:
    """True if a column changed or, for an added or removed row, is not empty or the default."""
    if old and new:
        return bool(old[column] != new[column])
    value = (new or old or {})[column]
    return value not in (None, "") and value != _field(model, column).get_default()


def _column_text(
    model: type[Model], column: str, row: Mapping[str, Any], names: Mapping[tuple[str, Any], str]
) -> str:
    value, field = row[column], _field(model, column)
    if isinstance(field, ForeignKey) and value is not None:
        related = field.related_model
        assert not isinstance(related, str)
        return names.get((related._meta.label, value), "another")
    if column == "subject_id" and value.isdecimal():
        label = apps.get_model(row["subject_kind"])._meta.label
        return names.get((label, int(value)), "another")
    if isinstance(value, datetime):
        return _instant(value)
    if isinstance(value, date) or (column in {"size", "file_name"} and value):
        return f"‹{column}›"
    said = _text(str(value), names) if isinstance(value, str | UUID) else value
    return repr(_NUMBER.sub("‹n›", said) if column == "key" else said)


def _instant(value: datetime) -> str:
    """Return an instant relative to now, rounded to five minutes; `‹database›` for the transaction's own."""
    if value == Entry.objects.annotate(now=TransactionNow()).values_list("now", flat=True)[0]:
        return "‹database›"
    minutes = 5 * round((value - timezone.now()).total_seconds() / 300)
    return f"‹now{minutes:+d} min›" if minutes else "‹now›"


def _text(text: str, names: Mapping[tuple[str, Any], str]) -> str:
    for (label, known), name in names.items():
        if not label:
            text = text.replace(str(known), name)
    for masked, mask in _MASKS:
        text = masked.sub(mask, text)
    return text
