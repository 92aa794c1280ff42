"""Attempts on the register of confidentiality incidents."""

from tests.database.attempts import append_only, copy, unique

_INCIDENT, _UPDATE = "privacy_incident", "privacy_incidentupdate"
ATTEMPTS = (
    *append_only(_INCIDENT),
    *append_only(_UPDATE),
    unique(
        "an_incident_is_closed_once",
        "close an incident again",
        copy(_UPDATE, kind="'CLOSED'", risk="''"),
        copy(_UPDATE, kind="'CLOSED'", risk="''"),
    ),
)
