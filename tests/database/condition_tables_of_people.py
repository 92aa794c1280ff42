"""For each CHECK of accounts and of personal information: candidate rows, and those among them that it accepts."""

from tests.database.conditions import (
    AT,
    LATER,
    Table,
    accept_and_refuse,
    all_or_none,
    choices,
    not_empty,
    one_of_codes,
    together,
)

_RISKS = choices("privacy.Incident", "risk")
_UPDATES = choices("privacy.IncidentUpdate", "kind")
_OUTCOMES, _MONTHS = choices("privacy.RetentionRule", "outcome"), [0, 1, 5, 6, 11, 12]
_TEXTS, _PERSON, _INSTANT = ("", "x"), (None, 1), (None, AT)
_UNDOING = ("OWN_ADDRESS", "CLOSING")
_CHANGE_STATES = choices("accounts.AccountChange", "state")
_CHANGE_KINDS = choices("accounts.AccountChange", "kind")
_IN_A_WEEK = "2027-09-08T14:00:00+00:00"

OF_ACCOUNTS: dict[str, Table] = {
    "an_identity_has_an_issuer_and_a_subject": together([("x", "x")], issuer=_TEXTS, subject=_TEXTS),
    "account_change_has_a_reason": not_empty("reason"),
    "account_change_state_is_known": one_of_codes("state", _CHANGE_STATES),
    "account_change_has_the_value_of_its_kind": together(
        [
            *(
                (kind, value)
                for kind in ("ROLES", "CLOSING", "REOPENING", "SECOND_FACTOR")
                for value in ("", "YES", "NO", "x")
            ),
            *((kind, value) for kind in ("ADDRESS", "OWN_ADDRESS") for value in ("YES", "NO", "x")),
            *(("ADMINISTRATION", value) for value in ("YES", "NO")),
        ],
        kind=_CHANGE_KINDS,
        value=["", "YES", "NO", "x"],
    ),
    "account_change_is_open_or_decided": together(
        [
            ("ASKED", None, None),
            *((state, person, AT) for state in ("APPLIED", "REFUSED", "EXPIRED") for person in _PERSON),
        ],
        state=_CHANGE_STATES,
        decided_by_id=_PERSON,
        decided_at=_INSTANT,
    ),
    "account_change_is_asked_by_a_person_or_applied": together(
        [*((state, 1) for state in _CHANGE_STATES), ("APPLIED", None)],
        state=_CHANGE_STATES,
        asked_by_id=_PERSON,
    ),
    "account_change_is_applied_within_seven_days": together(
        [
            *((state, AT, _IN_A_WEEK) for state in ("ASKED", "REFUSED", "EXPIRED")),
            *((state, LATER, _IN_A_WEEK) for state in _CHANGE_STATES),
        ],
        state=_CHANGE_STATES,
        asked_at=[AT, LATER],
        decided_at=[_IN_A_WEEK],
    ),
    # Person 1 asks; 2 decides; the account is of 2 or 3.
    "account_change_is_applied_by_a_second_person": together(
        [
            *(
                ("ASKED", kind, asker, decider, person)
                for kind in ("ROLES", "CLOSING")
                for asker in (None, 1)
                for decider in (None, 1, 2)
                for person in (2, 3)
            ),
            *(("APPLIED", kind, None, None, person) for kind in ("ROLES", "CLOSING") for person in (2, 3)),
            *(("APPLIED", "CLOSING", 1, 1, person) for person in (2, 3)),
            *(("APPLIED", kind, 1, 2, 3) for kind in ("ROLES", "CLOSING")),
            *(
                (state, "OWN_ADDRESS", asker, decider, person)
                for state in ("ASKED", "APPLIED")
                for asker in (None, 1)
                for decider in (None, 1, 2)
                for person in (2, 3)
            ),
        ],
        state=["ASKED", "APPLIED"],
        kind=["ROLES", "CLOSING", "OWN_ADDRESS"],
        asked_by_id=[None, 1],
        decided_by_id=[None, 1, 2],
        person_id=[2, 3],
    ),
    "an_undone_address_is_given_back_or_its_account_closed": together(
        [
            (kind, undone)
            for kind in _CHANGE_KINDS
            for undone in (None, 1)
            if undone is None or kind in _UNDOING
        ],
        kind=_CHANGE_KINDS,
        undoes_id=[None, 1],
    ),
    "an_own_address_is_changed_by_its_person": together(
        [
            *(
                (kind, state, asker, decider, 1)
                for kind in _CHANGE_KINDS
                if kind != "OWN_ADDRESS"
                for state in _CHANGE_STATES
                for asker in (None, 1, 2)
                for decider in (None, 1, 2)
            ),
            ("OWN_ADDRESS", "APPLIED", 1, 1, 1),
        ],
        kind=_CHANGE_KINDS,
        state=_CHANGE_STATES,
        asked_by_id=[None, 1, 2],
        decided_by_id=[None, 1, 2],
        person_id=[1],
    ),
}
OF_INCIDENTS: dict[str, Table] = {
    "incident_kind_is_known": one_of_codes("kind", choices("privacy.Incident", "kind")),
    "incident_risk_is_known": one_of_codes("risk", _RISKS),
    "an_incident_says_what_happened": together(
        [("x", "x", "x", "x")],
        information=["", "x"],
        circumstances=["", "x"],
        happened=["", "x"],
        concerned=["", "x"],
    ),
    "an_assessed_incident_says_why": together(
        [("UNKNOWN", ""), *((risk, "x") for risk in _RISKS)], risk=_RISKS, assessment=["", "x"]
    ),
    "incident_update_kind_is_known": one_of_codes("kind", _UPDATES),
    "an_incident_update_says_something": not_empty("text"),
    "an_assessment_and_no_other_update_has_a_risk": together(
        [
            ("ASSESSED", "NOT_SERIOUS"),
            ("ASSESSED", "SERIOUS"),
            *((kind, "") for kind in _UPDATES if kind != "ASSESSED"),
        ],
        kind=_UPDATES,
        risk=["", *_RISKS],
    ),
}

OF_PRIVACY: dict[str, Table] = {
    "a_lifted_hold_says_who_when_and_why": all_or_none(
        lift_reason=_TEXTS, lifted_at=_INSTANT, lifted_by_id=_PERSON
    ),
    "a_legal_hold_says_why": not_empty("reason"),
    "a_retention_rule_ends": accept_and_refuse("months", accepted=[1, 240], refused=[241]),
    "a_retention_rule_leaves_time_to_contest": together(
        [
            (outcome, months)
            for outcome in _OUTCOMES
            for months in _MONTHS
            if months >= {"DRAFT": 1, "ACCOUNT": 6}.get(str(outcome), 12)
        ],
        outcome=[*_OUTCOMES, "X"],
        months=_MONTHS,
    ),
    "a_retention_rule_says_why": not_empty("reason"),
    "an_erasure_forgets_the_files_it_removed": together(
        [(None, []), (None, ["x"]), (AT, [])], files_removed_at=_INSTANT, files=[[], ["x"]]
    ),
    "an_erasure_is_of_one_thing": together(
        [("FILE", 1, None), ("DRAFT", None, None), ("ACCOUNT", None, 1)],
        kind=["FILE", "DRAFT", "ACCOUNT", "X"],
        submission_id=_PERSON,
        account_id=_PERSON,
    ),
}
