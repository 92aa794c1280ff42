"""Attempts on the register of confidentiality incidents."""

from tests.database.attempts import append_only, check, copy, negative, unique

_INCIDENT, _UPDATE = "privacy_incident", "privacy_incidentupdate"
ATTEMPTS = (
    *append_only(_INCIDENT),
    *append_only(_UPDATE),
    *negative(_INCIDENT, "persons"),
    check("incident_kind_is_known", "a kind that is none of the choices", copy(_INCIDENT, kind="'X'")),
    check(
        "incident_risk_is_known",
        "a risk that is none of the choices",
        copy(_INCIDENT, risk="'X'", assessment="'x'"),
    ),
    check("an_incident_says_what_happened", "no circumstances", copy(_INCIDENT, circumstances="''")),
    check(
        "an_assessed_incident_says_why",
        "a serious risk for no reason",
        copy(_INCIDENT, risk="'SERIOUS'", assessment="''"),
    ),
    check(
        "incident_update_kind_is_known",
        "a kind that is none of the choices",
        copy(_UPDATE, kind="'X'", risk="''"),
    ),
    check("an_incident_update_says_something", "an update of nothing", copy(_UPDATE, text="''")),
    check(
        "an_assessment_and_no_other_update_has_a_risk",
        "a measure with a risk",
        copy(_UPDATE, kind="'MEASURE'", risk="'SERIOUS'"),
    ),
    unique(
        "an_incident_is_closed_once",
        "close an incident again",
        copy(_UPDATE, kind="'CLOSED'", risk="''"),
        copy(_UPDATE, kind="'CLOSED'", risk="''"),
    ),
)
