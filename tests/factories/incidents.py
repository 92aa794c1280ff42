"""Confidentiality incidents for tests, entered by the operations of the portal."""

import datetime as dt
from typing import Any

from intake.accounts.models import User
from intake.accounts.roles import Role
from intake.privacy.models import Incident, IncidentUpdate, Risk
from intake.privacy.officers.incidents import IncidentData, add_update, record_incident
from tests.factories.people import make_staff

KNOWN_ON = dt.date(2026, 11, 12)
INCIDENT: dict[str, Any] = {
    "kind": Incident.Kind.DISCLOSURE,
    "information": "Nom et adresse courriel.",
    "circumstances": "Un courriel est parti à une autre personne.",
    "happened": "Vers la mi-novembre 2026",
    "known_on": KNOWN_ON,
    "concerned": "Personnes candidates à l’offre 2027-020",
    "persons": 12,
    "is_approximate": True,
    "risk": Risk.UNKNOWN,
    "assessment": "",
}
"""What a new incident has, unless a test says otherwise."""


def make_officer(email: str = "") -> User:
    """Create the person responsible for personal information."""
    return make_staff(Role.PRIVACY, email)


def make_incident(*, actor: User | None = None, **given: Any) -> Incident:
    """Enter an incident; `given` replaces what `INCIDENT` has."""
    return record_incident(given=IncidentData(**(INCIDENT | given)), actor=actor or make_officer())


def make_update(
    incident: Incident, kind: str, *, text: str = "Fait.", risk: str = "", on: dt.date = KNOWN_ON
) -> IncidentUpdate:
    """Add an update to an incident."""
    return add_update(incident=incident, kind=kind, done_on=on, text=text, risk=risk, actor=make_officer())
