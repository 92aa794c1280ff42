"""Attempts on the changes of accounts, and on accounts and roles without one."""

from typing import Any

from tests.database.attempts import (
    UUID,
    Attempt,
    copy,
    raises_violation,
    returns_answer,
    unique,
)

_CANDIDATE = "NOT is_staff"
_CHANGE, _ASKED = "accounts_accountchange", "id = {asked_change}"
_ROLE = "a_role_changes_by_an_applied_change"
_OWN = {"kind": "'OWN_ADDRESS'", "value": "'n@exemple.ca'", "state": "'APPLIED'"}
_BY_PERSON = {"asked_by_id": "t.person_id", "decided_by_id": "t.person_id"}
_TO_NEW = "UPDATE accounts_user SET email = 'n@exemple.ca' WHERE id = {%s}"
_APPLY = (
    "UPDATE accounts_accountchange SET state = 'APPLIED', decided_by_id = {second_administrator}"
    " WHERE id = {asked_change}"
)
_GIVE_STAFF = """
INSERT INTO accounts_user_groups (user_id, group_id)
    SELECT {candidate}, g.id FROM auth_group g WHERE g.name = '%s'
"""
_DECIDED = "an_account_change_is_decided_by_administrators"
_TWO_CANDIDATES = {"asked_by_id": "{person}", "decided_by_id": "{closed_account}"}
_BY_ANOTHER = {"asked_by_id": "{person}", "decided_by_id": "{person}"}


def _made(**values: str) -> Any:
    """Return the insertion of an applied change: of the administration, by two administrators but for `values`."""
    by_two = {"asked_by_id": "{administrator}", "decided_by_id": "{second_administrator}"}
    given = {"kind": "'ADMINISTRATION'", "value": "'YES'", "state": "'APPLIED'"} | by_two | values
    return copy(_CHANGE, _ASKED, **given)


ATTEMPTS = (
    unique(
        "an_account_has_one_open_change_of_each_kind",
        "ask twice for the same",
        copy(_CHANGE, _ASKED),
    ),
    raises_violation(
        "account_change_is_kept UPDATE",
        "open a refused change again",
        "UPDATE accounts_accountchange SET state = 'ASKED' WHERE state = 'REFUSED'",
        name="a_decided_account_change_never_changes",
    ),
    *(
        raises_violation(
            "account_change_is_kept UPDATE",
            f"{change.split()[0]} other than it was asked",
            f"UPDATE accounts_accountchange SET {change} WHERE id = {{asked_change}}",
            name="an_account_change_stays_as_it_was_asked",
            by="owner",
        )
        for change in (
            "id = id + 1000000",
            "person_id = {nobody}",
            "kind = 'REOPENING'",
            "value = 'REVIEWER'",
            "before = 'REVIEWER'",
            "reason = 'Autre.'",
            "asked_by_id = {second_administrator}",
            "asked_at = asked_at - interval '1 day'",
            "undoes_id = id",
        )
    ),
    returns_answer(
        "account_change_is_kept INSERT",
        "the instants are those of the transaction",
        copy(_CHANGE, _ASKED, asked_at="t.asked_at - interval '9 days'", state="'REFUSED'"),
        "SELECT asked_at = transaction_timestamp() AND decided_at = asked_at FROM accounts_accountchange"
        " ORDER BY id DESC LIMIT 1",
        answer="True",
    ),
    *(
        raises_violation(f"account_change_is_decided_by_administrators {rule}", what, *steps, name=_DECIDED)
        for rule, what, steps in (
            (
                "INSERT",
                "the administration without an author",
                (_made(asked_by_id="NULL", decided_by_id="NULL"),),
            ),
            (
                "INSERT",
                "roles without an author",
                (_made(asked_by_id="NULL", decided_by_id="NULL", kind="'ROLES'"),),
            ),
            ("INSERT", "the administration by two candidates", (_made(**_TWO_CANDIDATES),)),
            ("INSERT", "by an administrator and a candidate", (_made(decided_by_id="{person}"),)),
            ("INSERT", "by a candidate and an administrator", (_made(asked_by_id="{person}"),)),
            ("INSERT", "by one administrator twice", (_made(decided_by_id="{administrator}"),)),
            (
                "INSERT",
                "by the one who gets it, who has it already",
                (_made(person_id="{second_administrator}", value="'NO'"),),
            ),
            (
                "INSERT",
                "a closed account by a candidate",
                (_made(kind="'CLOSING'", value="''", **_BY_ANOTHER),),
            ),
            (
                "INSERT",
                "by an administrator whose account is closed",
                ("UPDATE accounts_user SET is_active = FALSE WHERE id = {second_administrator}", _made()),
            ),
            ("UPDATE", "without an approver", (f"{_APPLY.partition(',')[0]} WHERE {_ASKED}",)),
            (
                "UPDATE",
                "by its asker",
                (f"{_APPLY.partition(',')[0]}, decided_by_id = asked_by_id WHERE {_ASKED}",),
            ),
            (
                "UPDATE",
                "by a candidate",
                (f"{_APPLY.partition(',')[0]}, decided_by_id = {{person}} WHERE {_ASKED}",),
            ),
        )
    ),
    returns_answer(
        "account_change_is_decided_by_administrators INSERT",
        "the administration, then an account closed by one of two administrators",
        _made(),
        _made(kind="'CLOSING'", value="''", decided_by_id="{administrator}"),
        answer="done",
    ),
    returns_answer(
        "account_change_is_decided_by_administrators INSERT",
        "without an author, by the owner",
        _made(asked_by_id="NULL", decided_by_id="NULL"),
        answer="done",
        by="owner",
    ),
    raises_violation(
        "account_opens_without_rights INSERT",
        "an account that opens as an administrator's",
        copy("accounts_user", _CANDIDATE, email="'a@exemple.ca'", public_id=UUID, is_superuser="TRUE"),
        name="an_account_changes_by_an_applied_change",
    ),
    raises_violation(
        "account_opens_without_rights INSERT",
        "an account that opens with access to the administration",
        copy("accounts_user", _CANDIDATE, email="'a@exemple.ca'", public_id=UUID, is_staff="TRUE"),
        name="an_account_changes_by_an_applied_change",
    ),
    *(
        raises_violation(
            "account_changes_by_an_applied_change UPDATE",
            what,
            f"UPDATE accounts_user SET {change} WHERE id = {{{whose}}}",
            name="an_account_changes_by_an_applied_change",
        )
        for what, change, whose in (
            ("another address", "email = 'autre@exemple.ca'", "candidate"),
            ("the administration given", "is_superuser = TRUE", "candidate"),
            ("the administration taken", "is_superuser = FALSE", "second_administrator"),
            ("access given", "is_staff = TRUE", "candidate"),
            ("access taken", "is_staff = FALSE", "second_administrator"),
            ("open again", "is_active = TRUE", "closed_account"),
        )
    ),
    raises_violation(
        "account_changes_by_an_applied_change UPDATE",
        "the administration, with a change of roles",
        _APPLY,
        "UPDATE accounts_user SET is_superuser = TRUE WHERE id = {candidate}",
        name="an_account_changes_by_an_applied_change",
    ),
    *(
        raises_violation(
            "account_changes_by_an_applied_change UPDATE",
            what,
            copy(_CHANGE, _ASKED, **(_OWN | changes)),
            step,
            name="an_account_changes_by_an_applied_change",
        )
        for what, changes, step in (
            (
                "the own address of an administrator",
                dict.fromkeys(("person_id", "asked_by_id", "decided_by_id"), "{second_administrator}"),
                _TO_NEW % "second_administrator",
            ),
            (
                "the own address of a closed account",
                dict.fromkeys(("person_id", "asked_by_id", "decided_by_id"), "{closed_account}"),
                _TO_NEW % "closed_account",
            ),
            ("the own address of another person", _BY_PERSON, _TO_NEW % "person"),
            (
                "another address than their own change",
                _BY_PERSON | {"value": "'m@exemple.ca'"},
                _TO_NEW % "candidate",
            ),
            (
                "rights, with a change of their own address",
                _BY_PERSON,
                "UPDATE accounts_user SET email = 'n@exemple.ca', is_staff = TRUE WHERE id = {candidate}",
            ),
        )
    ),
    *(
        raises_violation(f"role_changes_by_an_applied_change {what.split()[0]}", what, *steps, name=_ROLE)
        for what, steps in {
            "INSERT a role": (_GIVE_STAFF % "STAFF",),
            "INSERT another role than the change": (_APPLY, _GIVE_STAFF % "REVIEWER"),
            "DELETE a role": ("DELETE FROM accounts_user_groups",),
            "DELETE a role that the change gives": (
                _APPLY,
                _GIVE_STAFF % "STAFF",
                "DELETE FROM accounts_user_groups WHERE user_id = {candidate}",
            ),
            "UPDATE a role": ("UPDATE accounts_user_groups SET group_id = group_id",),
        }.items()
    ),
    Attempt(
        "role_changes_by_an_applied_change INSERT",
        "a permission given to a role",
        ("INSERT INTO auth_group_permissions (group_id, permission_id) SELECT 1, id FROM auth_permission",),
        "42501 permission denied for table auth_group_permissions",
    ),
    Attempt(
        "account_changes_by_an_applied_change UPDATE",
        "a permission given to a person",
        (
            "INSERT INTO accounts_user_user_permissions (user_id, permission_id) SELECT 1, id FROM auth_permission",
        ),
        "42501 permission denied for table accounts_user_user_permissions",
    ),
)
