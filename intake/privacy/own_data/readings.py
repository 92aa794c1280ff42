"""Who read the data of one person: the entries of the journal, and how their own page words them.

The page names the function of a reader, never the reader: committee members are promised that candidates do not learn
who they are. The person responsible for personal information reads names in the access register.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby, zip_longest
from typing import Final

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from intake.accounts.models import User
from intake.accounts.roles import Role
from intake.journal.models import Entry
from intake.journal.selectors import action_label, lists_with, subject_in, subject_key
from intake.review.models import ShortlistExport
from intake.submissions.models import Submission
from intake.submissions.states import TABLE, Action, State
from intake.web.formats import QUEBEC

from .mails import mails_of

_OPENED: Final = (
    "SUBMISSION_OPENED",
    "DOSSIER_OPENED",
    "RECEIPT_OPENED",
    "MAIL_OPENED",
    "ACCESS_REGISTER_READ",
    "ACCESS_REGISTER_EXPORTED",
)
"""Readings of one subject."""
_EXPORTED: Final = _("Liste exportée")  # which list it was would reveal a shortlisting
_FUNCTIONS: Final[dict[str, Promise]] = {
    Role.PRIVACY: _("Responsable de la protection des renseignements personnels"),
    Role.STAFF: _("Personnel du programme"),
    Role.REVIEWER: _("Membre du comité"),
}
"""Function of a reader, by role; the first role that the reader has counts."""
_ADMINISTRATION: Final = _("Administration du portail")
_FORMER: Final = _("Personne qui avait alors accès")
_PORTAL: Final = _("Le portail, automatiquement ou par une commande")


@dataclass(frozen=True, slots=True)
class Reading:
    """Readings by one person of one thing in one day: `times` of them, from `first` to `last` (aware)."""

    who: Promise
    what: StrOrPromise
    offer: str
    """Number of the offer of the candidature; empty if it is about no single one."""
    times: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class DayOfReadings:
    """Readings of one day in Québec, latest first."""

    on: date
    readings: tuple[Reading, ...]


def readings_of(person: User) -> QuerySet[Entry]:
    """Return the entries that `person` may read about who read their data, latest first.

    Their own readings are left out. So are mails not sent yet, and the exports of a list since the last decision that
    was announced: both would reveal the next one.
    """
    keys = _subject_keys(person)
    opened = Q(action__in=_OPENED, subject_id__in=keys)
    return _found(opened, _exported(person, announced_only=True), keys).exclude(actor=person)


def entries_concerning(person: User) -> QuerySet[Entry]:
    """Return every entry of the journal about `person`, their candidatures and mails, for the access register."""
    keys = _subject_keys(person)
    about = Q(subject_id__in=keys) | Q(actor=person)
    return _found(about, _exported(person, announced_only=False), keys)


def _found(direct: Q, exported: Q, keys: list[str]) -> QuerySet[Entry]:
    # One subquery per index, as in the journal's search: a condition on all of them would read every entry.
    one, other = (Entry.objects.filter(condition).order_by().values("pk") for condition in (direct, exported))
    found = one.union(other, lists_with(keys), all=True)
    return Entry.objects.filter(pk__in=found).order_by("-at", "-pk")


def _submissions(person: User) -> QuerySet[Submission]:
    return Submission.objects.filter(candidate=person)


def _mail_keys(person: User) -> list[str]:
    sent = mails_of(person).filter(sent_at__isnull=False)
    return [str(key) for key in sent.order_by().values_list("delivery__public_id", flat=True)]


def _subject_keys(person: User) -> list[str]:
    submissions = _submissions(person).order_by().values_list("public_id", flat=True)
    return [subject_key(person), *(str(key) for key in submissions), *_mail_keys(person)]


def _exported(person: User, *, announced_only: bool) -> Q:
    """Return the condition of the exports of a list with a candidature of `person`.

    An export of a frozen list contains its rows; one of the current list, the files shortlisted at that instant. With
    `announced_only`, only the exports before the last decision that was announced to the candidate.
    """
    condition = Q(pk__in=[])
    for submission in _submissions(person).select_related("offer").order_by("pk"):
        moves = list(submission.transitions.order_by("at", "pk").values_list("action", "to_state", "at"))
        exports = ShortlistExport.objects.filter(
            Q(shortlist__rows__filing__submission=submission) | Q(_while_shortlisted(moves), shortlist=None),
            offer=submission.offer,
        )
        if announced_only:
            announced = [at for action, _state, at in moves if TABLE[Action(action)].announced]
            exports = exports.filter(at__lt=announced[-1]) if announced else exports.none()
        if instants := set(exports.order_by().values_list("at", flat=True)):
            of_offer = Q(action="SHORTLIST_EXPORTED") & subject_in([submission.offer])
            condition |= of_offer & Q(at__in=instants)
    return condition


def _while_shortlisted(moves: Sequence[tuple[str, str, datetime]]) -> Q:
    """Return the condition of the exports made between a move of `moves` to SHORTLISTED and the next move."""
    condition = Q(pk__in=[])
    for (_action, state, since), following in zip_longest(moves, moves[1:]):
        if state == State.SHORTLISTED:
            condition |= Q(at__gte=since) & (Q(at__lt=following[-1]) if following else Q())
    return condition


def days_of_readings(entries: Iterable[Entry], *, person: User) -> Iterator[DayOfReadings]:
    """Yield the days of `entries`, latest first, with the same reading of the same reader counted together.

    The entries have their actors and the actors' groups selected with them. One query, for the offers' numbers.
    """
    offers = {
        str(key): number or ""
        for key, number in _submissions(person).order_by().values_list("public_id", "offer__number")
    }
    for on, of_day in groupby(entries, key=lambda entry: entry.at.astimezone(QUEBEC).date()):
        together: dict[tuple[object, ...], list[Entry]] = {}
        for entry in of_day:
            together.setdefault((entry.actor_id, entry.action, entry.subject_id), []).append(entry)
        yield DayOfReadings(on, tuple(_reading(same, offers) for same in together.values()))


def _reading(same: Sequence[Entry], offers: dict[str, str]) -> Reading:
    entry = same[0]
    return Reading(
        who=function_of(entry.actor),
        what=_what(entry),
        offer=offers.get(entry.subject_id, ""),
        times=len(same),
        first=same[-1].at,
        last=entry.at,
    )


def _what(entry: Entry) -> StrOrPromise:
    # The access register's words, but not the page of a list: the name of a ranking or shortlist would reveal a step.
    return _EXPORTED if entry.action == "SHORTLIST_EXPORTED" else action_label(entry.action)


def function_of(actor: User | None, *, without_role: Promise = _FORMER) -> Promise:
    """Return the function of a reader, which never names them; `without_role` for a user who has none any more."""
    if actor is None:
        return _PORTAL
    if actor.is_superuser:
        return _ADMINISTRATION
    names = {group.name for group in actor.groups.all()}
    return next((function for role, function in _FUNCTIONS.items() if role in names), without_role)
