"""Attempts on retention rules, legal holds and erasures."""

from tests.database.attempts import (
    Attempt,
    append_only,
    raises_violation,
    returns_answer,
    unique,
)

_RULED, _HELD, _LIFTED = (
    "retention_rule_is_stamped INSERT",
    "legal_hold_is_stamped INSERT",
    "legal_hold_is_lifted_once UPDATE",
)
_FIXED = "23001 a legal hold is lifted once, and nothing else of it changes"
_STAYS = "23001 an erasure stays, and only its files are removed once"


def _rule(
    months: int = 40, *, outcome: str = "INELIGIBLE", author: str = "{administrator}", why: str = "Avis."
) -> str:
    return (
        "INSERT INTO privacy_retentionrule (outcome, months, author_id, reason, at, applies_at)"
        f" VALUES ('{outcome}', {months}, {author}, '{why}', '2001-01-01', '2001-01-01')"
    )


def _hold(submission: str = "{amended}", *, by: str = "{administrator}", why: str = "Recours.") -> str:
    return (
        "INSERT INTO privacy_legalhold (submission_id, reason, put_by_id, put_at, lift_reason)"
        f" VALUES ({submission}, '{why}', {by}, '2001-01-01', '')"
    )


_APPLIES = "SELECT applies_at - transaction_timestamp() FROM privacy_retentionrule ORDER BY id DESC LIMIT 1"
_LIFT = "UPDATE privacy_legalhold SET lifted_at = now(), lifted_by_id = {administrator}, lift_reason = 'Fin.'"


def _erasure(kind: str, submission: str = "NULL", account: str = "NULL", files: str = "'{{}}'") -> str:
    return (
        "INSERT INTO privacy_erasure (kind, submission_id, account_id, outcome, files)"
        f" VALUES ('{kind}', {submission}, {account}, 'DRAFT', {files})"
    )


ATTEMPTS = (
    # -- Retention rules
    *append_only("privacy_retentionrule"),
    *(
        raises_violation(
            _RULED, what, _rule(author=author), name="a_retention_rule_is_set_by_an_administrator"
        )
        for what, author in (
            ("set a rule as staff", "{staff}"),
            ("set a rule as no person, without owning the table", "NULL"),
        )
    ),
    returns_answer(_RULED, "a longer period applies at once", _rule(40), _APPLIES, answer="0:00:00"),
    returns_answer(
        _RULED, "a shorter period applies 30 days later", _rule(12), _APPLIES, answer="30 days, 0:00:00"
    ),
    # -- Legal holds
    unique("a_file_is_held_once_at_a_time", "hold twice", _hold("{completed}")),
    returns_answer("a_file_is_held_once_at_a_time", "hold again", _LIFT, _hold("{completed}"), answer="done"),
    *(
        raises_violation(_HELD, what, *steps, name="a_legal_hold_is_put_by_an_administrator")
        for what, steps in (
            ("hold as staff", (_hold(by="{staff}"),)),
            (
                "hold as an administrator whose account is closed",
                (
                    "UPDATE accounts_user SET is_active = FALSE WHERE id = {second_administrator}",
                    _hold(by="{second_administrator}"),
                ),
            ),
        )
    ),
    raises_violation(
        _HELD,
        "hold what is erased",
        _erasure("FILE", "{amended}"),
        _hold(),
        name="a_file_is_held_before_it_is_erased",
        by="owner",
    ),
    returns_answer(
        _HELD,
        "the database dates a hold",
        _hold(),
        "SELECT put_at = transaction_timestamp() FROM privacy_legalhold ORDER BY id DESC LIMIT 1",
        answer="True",
    ),
    raises_violation(
        _LIFTED,
        "lift as staff",
        _LIFT.replace("{administrator}", "{staff}"),
        name="a_legal_hold_is_lifted_by_an_administrator",
    ),
    Attempt(_LIFTED, "lift twice", (_LIFT, _LIFT), _FIXED),
    Attempt(
        _LIFTED, "change why it is held", ("UPDATE privacy_legalhold SET reason = 'Autre.'",), _FIXED, "owner"
    ),
    Attempt(
        "legal_hold_is_lifted_once DELETE",
        "delete a hold",
        ("DELETE FROM privacy_legalhold",),
        _FIXED,
        "owner",
    ),
    # -- Erasures
    Attempt(
        "erasure_stays UPDATE",
        "change a proof",
        ("UPDATE privacy_erasure SET kind = 'FILE'",),
        _STAYS,
        "owner",
    ),
    Attempt(
        "erasure_stays UPDATE",
        "name other files",
        ("UPDATE privacy_erasure SET files = '{{a}}'",),
        _STAYS,
    ),
    Attempt("erasure_stays DELETE", "delete a proof", ("DELETE FROM privacy_erasure",), _STAYS, "owner"),
)
