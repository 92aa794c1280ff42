"""Operations and queries of the register of confidentiality incidents."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypedDict, cast

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import WithAnnotations

from intake.accounts.models import User
from intake.base.portal_error import PortalError
from intake.journal.services import record
from intake.privacy.models import Incident, IncidentUpdate, Risk

from .permissions import ADD_INCIDENT

RETENTION_YEARS: Final = 5
"""Years after the body became aware: regulation A-2.1, r. 3.1, s. 8. Nothing is deleted then; it may be."""
_Kind = IncidentUpdate.Kind


class IncidentNotAssessedError(PortalError):
    """An incident is closed before its risk is assessed."""

    code = "INCIDENT_NOT_ASSESSED"
    message = _("Évaluez d’abord le risque de préjudice sérieux, puis fermez le dossier.")


class IncidentNotNotifiedError(PortalError):
    """An incident with a risk of serious injury is closed without its notices (access act, s. 63.8)."""

    code = "INCIDENT_NOT_NOTIFIED"
    message = _(
        "Le risque est sérieux. Inscrivez d’abord l’avis à la Commission et l’avis aux personnes ou l’avis public."
    )


class IncidentClosedError(PortalError):
    """An incident is closed a second time."""

    code = "INCIDENT_CLOSED"
    message = _("Ce dossier est déjà fermé. Vous pouvez encore y ajouter une précision.")


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentData:
    """What the register has of an incident when it is entered: see `Incident`."""

    kind: str
    information: str
    circumstances: str
    happened: str
    known_on: dt.date
    concerned: str
    persons: int
    is_approximate: bool
    risk: str
    assessment: str


@transaction.atomic
def record_incident(*, given: IncidentData, actor: User) -> Incident:
    """Enter an incident in the register.

    :raises PermissionDenied: if the actor may not.
    """
    _check_permission(actor)
    values = {name: getattr(given, name) for name in IncidentData.__slots__}
    incident = Incident.objects.create(author=actor, **values)
    record(actor=actor, action="INCIDENT_RECORDED", subject=incident, detail=given.risk)
    return incident


@transaction.atomic
def add_update(
    *, incident: Incident, kind: str, done_on: dt.date, text: str, risk: str = "", actor: User
) -> IncidentUpdate:
    """Add what was learned or done on the day `done_on`. `risk` is given with an assessment, and with no other kind.

    :raises PermissionDenied: if the actor may not.
    :raises IncidentClosedError: if it is closed a second time.
    :raises IncidentNotAssessedError: if it is closed before its risk is assessed.
    :raises IncidentNotNotifiedError: if it is closed with a serious risk and without its notices.
    """
    _check_permission(actor)
    if kind == _Kind.CLOSED:
        _check_may_close(incident)
    update = IncidentUpdate.objects.create(
        incident=incident, kind=kind, done_on=done_on, text=text, risk=risk, author=actor
    )
    record(actor=actor, action="INCIDENT_UPDATED", subject=incident, detail=kind)
    return update


def _check_permission(actor: User) -> None:
    if not actor.has_perm(ADD_INCIDENT):
        raise PermissionDenied


def _check_may_close(incident: Incident) -> None:
    kinds = set(incident.updates.order_by().values_list("kind", flat=True))
    current = incidents().values_list("current_risk", flat=True).get(pk=incident.pk)
    if _Kind.CLOSED in kinds:
        raise IncidentClosedError
    if current == Risk.UNKNOWN:
        raise IncidentNotAssessedError
    told = {_Kind.PERSONS_NOTIFIED, _Kind.PUBLIC_NOTICE} & kinds
    if current == Risk.SERIOUS and not (told and _Kind.COMMISSION_NOTIFIED in kinds):
        raise IncidentNotNotifiedError


class _Columns(TypedDict):
    current_risk: str
    """A code of `Risk`: of the last assessment."""
    is_closed: bool


type ListedIncident = WithAnnotations[Incident, _Columns]


def incidents() -> QuerySet[ListedIncident]:
    """Return the incidents, latest known first, with `current_risk` (the last assessment's) and `is_closed`."""
    updates = IncidentUpdate.objects.filter(incident=OuterRef("pk"))
    assessed = updates.filter(kind=_Kind.ASSESSED).order_by("-pk").values("risk")[:1]
    listed = Incident.objects.annotate(
        current_risk=Coalesce(Subquery(assessed), "risk"),
        is_closed=Exists(updates.filter(kind=_Kind.CLOSED)),
    )
    return cast("QuerySet[ListedIncident]", listed.order_by("-known_on", "-pk"))


def current_risk(incident: ListedIncident) -> Risk:
    """Return the risk that the last assessment of a row of `incidents` found."""
    return Risk(incident.current_risk)


HEADER: Final[tuple[Promise, ...]] = (
    _("Numéro"),
    _("Nature"),
    _("Renseignements visés"),
    _("Circonstances"),
    _("Date ou période de l’incident"),
    _("Connu le"),
    _("Personnes concernées"),
    _("Nombre de personnes"),
    _("Nombre approximatif"),
    _("Risque de préjudice sérieux"),
    _("Éléments de l’évaluation"),
    _("Avis à la Commission"),
    _("Avis aux personnes"),
    _("Avis public"),
    _("Mesures prises"),
    _("Fermé le"),
)
"""Columns of the exported register: those that the regulation lists, in its order, then the end."""


def register_lines() -> Iterator[tuple[object, ...]]:
    """Yield each incident under `HEADER`, the dates and texts of its updates in the order of their entry."""
    for incident in incidents().prefetch_related("updates"):
        updates = sorted(incident.updates.all(), key=lambda update: update.pk)
        assessments = [incident.assessment, *_texts(updates, _Kind.ASSESSED)]
        yield (
            str(incident),
            incident.get_kind_display(),
            incident.information,
            "\n".join([incident.circumstances, *_texts(updates, _Kind.CORRECTION)]),
            incident.happened,
            incident.known_on,
            incident.concerned,
            incident.persons,
            _("Oui") if incident.is_approximate else _("Non"),
            current_risk(incident).label,
            "\n".join(text for text in assessments if text),
            *(_days(updates, kind) for kind in (_Kind.COMMISSION_NOTIFIED, _Kind.PERSONS_NOTIFIED)),
            "\n".join(_texts(updates, _Kind.PUBLIC_NOTICE)),
            "\n".join(_texts(updates, _Kind.MEASURE)),
            _days(updates, _Kind.CLOSED),
        )


def _texts(updates: list[IncidentUpdate], kind: str) -> list[str]:
    return [f"{update.done_on.isoformat()} {update.text}" for update in updates if update.kind == kind]


def _days(updates: list[IncidentUpdate], kind: str) -> str:
    return ", ".join(update.done_on.isoformat() for update in updates if update.kind == kind)


def kept_until(incident: Incident) -> dt.date:
    """Return the first day on which the regulation no longer requires that the incident be kept.

    29 February becomes 1 March in common years.
    """
    year = incident.known_on.year + RETENTION_YEARS
    try:
        return incident.known_on.replace(year=year)
    except ValueError:
        return dt.date(year, 3, 1)
