"""Queries of the journal: its entries about a subject, those hidden from a user, those that a search finds; labels.

The journal and the outbox know only the kind and identifier of a subject; apps that import them know the conflicts of
interest and the names. `intake.wiring` registers what they hide and find, and the labels of their actions.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.apps import apps
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Choices, Model, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils.text import capfirst
from django.utils.translation import ngettext
from django_stubs_ext import StrOrPromise

from intake.journal.models import LIST_SHOWN, Entry, listed_subjects
from intake.web import formats

type Hider = Callable[[Any], Iterable[QuerySet[Any]]]
type EntryHider = Callable[[Any], Q]
type EntryFinder = Callable[[Any, str], list[Q]]
type DetailReader = Callable[[str], str]
_labels: dict[str, StrOrPromise] = {}
_page_labels: dict[str, StrOrPromise] = {}
_detail_readers: dict[str, DetailReader] = {}
_hiders: list[Hider] = []
_entry_hiders: list[EntryHider] = []
_finders: list[EntryFinder] = []


def register_action_labels(labels: Mapping[str, StrOrPromise]) -> None:
    """Register a label per action code."""
    _labels.update(labels)


def register_page_labels(labels: Mapping[str, StrOrPromise]) -> None:
    """Register a label per page that records whom it showed, by the name of its address."""
    _page_labels.update(labels)


def register_detail_readers(readers: Mapping[str, DetailReader]) -> None:
    """Register a function per action code, which returns in words the detail of its entries."""
    _detail_readers.update(readers)


def choice_reader(choices: type[Choices]) -> DetailReader:
    """Return the reader of a detail that is one of `choices`; it returns an unknown code as it is."""
    return lambda code: str(dict(choices.choices).get(code, code))


def action_choices() -> list[tuple[str, str]]:
    """Return each code and its label, ordered by label."""
    return sorted(((code, str(label)) for code, label in _labels.items()), key=lambda pair: pair[1])


def action_label(code: str) -> str:
    """Return the label of `code`, or the code itself if it has none."""
    return str(_labels.get(code, code))


def register_subject_hider(hider: Hider) -> None:
    """Hide from each user the rows of the queries that `hider(user)` returns."""
    if hider not in _hiders:
        _hiders.append(hider)


def subjects_hidden_from(user: object) -> list[QuerySet[Any]]:
    """Return queries, each of one model, for the subjects of which `user` must not see any entry."""
    return [subjects for hider in _hiders for subjects in hider(user)]


def register_entry_hider(hider: EntryHider) -> None:
    """Hide from each user the entries that match `hider(user)` (none if it is empty), even of visible subjects."""
    if hider not in _entry_hiders:
        _entry_hiders.append(hider)


def entries_hidden_from(user: object) -> list[Q]:
    """Return the conditions of the entries that `user` must not read."""
    return [condition for hider in _entry_hiders if (condition := hider(user))]


def register_entry_finder(finder: EntryFinder) -> None:
    """Register `finder(user, words)`, which returns conditions of entries."""
    if finder not in _finders:
        _finders.append(finder)


def entry_conditions(user: object, words: str) -> list[Q]:
    """Return the conditions of the entries that `words` find for `user`; an index serves each condition."""
    return [Q(subject_id=words), *(condition for finder in _finders for condition in finder(user, words))]


def entries_about(subject: Model) -> QuerySet[Entry]:
    """Return the entries about `subject`, latest first, with their actors."""
    return Entry.objects.filter(_about(subject)).select_related("actor").order_by("-at", "-pk")


def without_hidden(entries: QuerySet[Entry], user: object) -> QuerySet[Entry]:
    """Exclude the entries about subjects hidden from `user`, and the entries that would reveal one."""
    for subjects in subjects_hidden_from(user):
        key = "public_id" if hasattr(subjects.model, "public_id") else "pk"
        entries = entries.exclude(names_of(subjects, key=key))
    for condition in entries_hidden_from(user):
        entries = entries.exclude(condition)
    return entries


def names_of(subjects: QuerySet[Any], *, key: str) -> Q:
    """Return the condition that a row names one of `subjects` by its `key`, as a subquery: there may be thousands."""
    named = subjects.order_by().annotate(named=Cast(key, TextField())).values("named")
    return Q(subject_kind=subjects.model._meta.label_lower, subject_id__in=named)


def subject_in(subjects: Iterable[Model]) -> Q:
    """Return the condition that an entry is about one of `subjects` (saved models); it matches nothing if empty."""
    condition = Q(pk__in=[])
    for subject in subjects:
        condition |= _about(subject)
    return condition


def subject_label(entry: Entry) -> str:
    """Return the name of the subject's model and its identifier; empty without a subject."""
    if not entry.subject_kind:
        return ""
    try:
        kind = str(apps.get_model(entry.subject_kind)._meta.verbose_name)
    except (LookupError, ValueError):
        kind = entry.subject_kind  # the entry may outlive its model
    return f"{capfirst(kind)} {entry.subject_id}"


def detail_label(entry: Entry) -> str:
    """Return the detail in words; for a list, its page and number of subjects: their identifiers are for programs."""
    if not entry.detail:  # as in each entry about an erased file
        return ""
    if entry.action != LIST_SHOWN:
        reader = _detail_readers.get(entry.action)
        return reader(entry.detail) if reader else entry.detail
    key, *keys = entry.detail.split(" ")
    page = _page_labels.get(key) or action_label(key)  # a register records the action that showed its rows
    words = ngettext("%(page)s : %(count)s objet", "%(page)s : %(count)s objets", len(keys))
    return words % {"page": page, "count": formats.number(len(keys))}


def lists_with(keys: Iterable[str] | ArraySubquery) -> QuerySet[Entry, Any]:
    """Return, for a subquery, the keys of the entries of the lists that showed one of the subjects `keys`."""
    lists = Entry.objects.filter(action=LIST_SHOWN).alias(listed=listed_subjects())
    array = keys if isinstance(keys, ArraySubquery) else list(keys)
    return lists.filter(listed__overlap=array).order_by().values("pk")


def subject_key(subject: Model) -> str:
    """Return how entries identify `subject` among those of its kind: its public identifier, or its primary key."""
    return str(getattr(subject, "public_id", subject.pk))


def _about(subject: Model) -> Q:
    return Q(subject_kind=subject._meta.label_lower, subject_id=subject_key(subject))
