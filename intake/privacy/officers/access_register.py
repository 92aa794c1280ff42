"""Access register: the journal as the person responsible for personal information reads it.

It answers who read the data of a person, what a user read, and what happened on a day. Entries that are hidden from its
reader in the journal are hidden here too: a candidate who became responsible does not read about their own file.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import batched
from typing import Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, QueryDict
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from intake.accounts.models import User, fold_email
from intake.journal.chain import Audit, verify_chains
from intake.journal.models import Entry
from intake.journal.selectors import action_label, detail_label, subject_key, subject_label, without_hidden
from intake.journal.services import record, record_list
from intake.privacy.own_data.readings import entries_concerning, function_of
from intake.submissions.models import Receipt, Submission
from intake.web import formats
from intake.web.formats import QUEBEC

EXPORT_MAX: Final = 20_000
"""Entries of one file. A longer answer is narrowed by its days."""
HEADER: Final[tuple[Promise, ...]] = (
    _("Date et heure"),
    _("Action"),
    _("Par"),
    _("Fonction"),
    _("Objet"),
    _("Précision"),
)
VERIFY_MAX: Final = 500_000
"""Links that a page verifies, in some ten seconds; `manage.py verify_audit` verifies any number."""
_NO_ROLE: Final = _("Sans rôle")  # a candidate, most often
_BATCH: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterFilter:
    """Which entries: about `person`, by `reader`, of one action, between two days in Québec, both inclusive."""

    person: User | None = None
    reader: User | None = None
    action: str = ""
    since: dt.date | None = None
    until: dt.date | None = None

    @classmethod
    def from_query(cls, query: QueryDict) -> "RegisterFilter":
        """Return the filter of a query string, in which people have their public identifiers.

        :raises Http404: if a value names nobody or no day: an ignored filter would answer another question.
        """
        return cls(
            person=_user_of(query.get("personne", "")),
            reader=_user_of(query.get("par", "")),
            action=query.get("action", ""),
            since=_day_of(query.get("du", "")),
            until=_day_of(query.get("au", "")),
        )

    def query(self) -> str:
        """Return the query string of this filter, without the names and addresses of people: it is logged."""
        values = {
            "personne": str(self.person.public_id) if self.person else "",
            "par": str(self.reader.public_id) if self.reader else "",
            "action": self.action,
            "du": self.since.isoformat() if self.since else "",
            "au": self.until.isoformat() if self.until else "",
        }
        return urlencode({name: value for name, value in values.items() if value})


def filter_label(query: str) -> str:
    """Return the query string of a filter in words. The person concerned is the subject of the entry."""
    given = QueryDict(query)
    readers: dict[str, Callable[[str], str]] = {
        "personne": lambda _key: str(_("Personne concernée")),
        "par": lambda _key: str(_("Consulté par")),
        "action": action_label,
        "du": lambda day: _("du %(day)s") % {"day": formats.day(dt.date.fromisoformat(day))},
        "au": lambda day: _("au %(day)s") % {"day": formats.day(dt.date.fromisoformat(day))},
    }
    return ", ".join(reader(given[name]) for name, reader in readers.items() if name in given) or query


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One entry in words."""

    at: dt.datetime
    action: str
    who: str
    function: Promise
    subject: str
    detail: str

    def cells(self) -> tuple[object, ...]:
        """Return the values under `HEADER`."""
        return (self.at, self.action, self.who, str(self.function), self.subject, self.detail)


def entries_found(wanted: RegisterFilter, *, reader: User) -> QuerySet[Entry]:
    """Return the entries of the filter that `reader` may read, latest first, with actors and their groups."""
    entries = entries_concerning(wanted.person) if wanted.person else Entry.objects.order_by("-at", "-pk")
    if wanted.reader:
        entries = entries.filter(actor=wanted.reader)
    if wanted.action:
        entries = entries.filter(action=wanted.action)
    if wanted.since:
        entries = entries.filter(at__gte=_midnight(wanted.since))
    if wanted.until and wanted.until < dt.date.max:  # no entry is later than the last day
        entries = entries.filter(at__lt=_midnight(wanted.until + dt.timedelta(days=1)))
    return without_hidden(entries, reader).select_related("actor").prefetch_related("actor__groups")


def rows_of(entries: Iterable[Entry]) -> Iterator[RegisterRow]:
    """Yield the entries in words: submissions by receipt number, people by address. Two queries per 500 entries."""
    for some in batched(entries, _BATCH):
        names = _names_of(some)
        for entry in some:
            yield RegisterRow(
                at=entry.at,
                action=action_label(entry.action),
                who=str(entry.actor) if entry.actor else "",
                function=function_of(entry.actor, without_role=_NO_ROLE),
                subject=names.get((entry.subject_kind, entry.subject_id)) or subject_label(entry),
                detail=detail_label(entry),
            )


def _names_of(entries: Iterable[Entry]) -> dict[tuple[str, str], str]:
    submission, user = Submission._meta.label_lower, User._meta.label_lower
    keys: dict[str, set[str]] = {submission: set(), user: set()}
    for entry in entries:
        if entry.subject_kind in keys:
            keys[entry.subject_kind].add(entry.subject_id)
    numbers = Submission.objects.filter(public_id__in=keys[submission]).order_by()
    people = User.objects.filter(public_id__in=keys[user]).order_by()
    found = {
        (submission, str(key)): number or ""
        for key, number in numbers.values_list("public_id", "standing_filing__receipt__number")
    }
    return found | {(user, str(key)): email for key, email in people.values_list("public_id", "email")}


@transaction.atomic
def record_reading(*, wanted: RegisterFilter, entries: Iterable[Entry], actor: User, action: str) -> None:
    """Record that `actor` read or exported these entries, for themselves and for each person they are about.

    The journal has the filter without names: the person is the subject of the entry.
    """
    record(actor=actor, action=action, subject=wanted.person, detail=wanted.query())
    keys = {subject_key(entry.actor) for entry in entries if entry.actor and entry.actor_id != actor.pk}
    named = {Submission._meta.label_lower, User._meta.label_lower}
    keys |= {entry.subject_id for entry in entries if entry.subject_kind in named}
    record_list(actor=actor, page=action, keys=keys)


def verify_journal(*, actor: User) -> Audit:
    """Compute the chains of the journal again, and record that it was done. Its time grows with the journal."""
    audit = verify_chains()
    state = f"{audit.differs.reason} {audit.differs.row}" if audit.differs else f"links={audit.checked}"
    record(actor=actor, action="JOURNAL_VERIFIED", subject=None, detail=state)
    return audit


def find_user(words: str) -> User:
    """Return the user with this address or this receipt number.

    :raises ValidationError: if there is none.
    """
    typed = words.strip()
    user = User.objects.filter(email=fold_email(typed)).first()
    if user is None:
        receipt = (
            Receipt.objects.filter(number=typed.upper())
            .select_related("filing__submission__candidate")
            .first()
        )
        user = receipt.filing.submission.candidate if receipt else None
    if user is None:
        message = _("Aucun compte n’a cette adresse, et aucun dépôt n’a ce numéro.")
        raise ValidationError(message, code="unknown")
    return user


def _user_of(key: str) -> User | None:
    if not key:
        return None
    try:
        return User.objects.get(public_id=UUID(key))
    except (ValueError, User.DoesNotExist) as unknown:
        raise Http404 from unknown


def _day_of(text: str) -> dt.date | None:
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError as unreadable:
        raise Http404 from unreadable


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), tzinfo=QUEBEC)
