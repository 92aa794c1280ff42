"""Attempts on users, profiles, uploads, the journal and site preferences."""

from tests.database.attempts import (
    UUID,
    append_only,
    copy,
    raises_violation,
    returns_answer,
    unique,
    without_triggers,
)

_SEAL = "'forged.' || left(md5(random()::text), 22) || '.' || repeat('0', 64)"


def entries(rows: str, seal: str = _SEAL) -> str:
    """Return the insertion of `rows` (action, kind, subject, detail) with a seal in the form that is accepted."""
    columns = "seal, action, subject_kind, subject_id, detail"
    return f"INSERT INTO journal_entry ({columns}) SELECT {seal}, v.* FROM (VALUES {rows}) AS v"


# Counts which of the newest two entries have a valid link, computed independently, as verifiers do.
_CHAINED = """
SELECT count(*)
    FROM journal_entry e JOIN journal_link l ON l.entry_id = e.id
        JOIN journal_link b ON b.lane = l.lane AND b.position = l.position - 1
    WHERE e.id IN (SELECT id FROM journal_entry ORDER BY id DESC LIMIT 2)
        AND b.entry_id = (SELECT max(k.entry_id) FROM journal_link k WHERE k.lane = l.lane AND k.entry_id < e.id)
        AND l.commitment = encode(sha256(convert_to(
            l.salt || jsonb_build_array(e.actor_id, e.subject_kind, e.subject_id, e.detail)::text, 'UTF8')), 'hex')
        AND l.digest = encode(sha256(convert_to(b.digest || jsonb_build_array(e.id, l.lane, l.position,
            to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), e.action, l.commitment
        )::text, 'UTF8')), 'hex')
"""
SHA = "repeat('a', 64)"
_CANDIDATE = "NOT is_staff"
_IDENTITIES = (
    "INSERT INTO accounts_provideridentity (user_id, issuer, subject, linked_at)"
    " SELECT id, %s, now() FROM accounts_user %s"
)
_TWO_WITHOUT = "WHERE id NOT IN (SELECT user_id FROM accounts_%s) LIMIT 2"
_INVITED = "a_first_factor_uses_up_an_invitation"
_INVITE = (
    "INSERT INTO accounts_invitation (user_id, public_id, given_at)"
    f" VALUES ({{second_administrator}}, {UUID}, now() - interval '%s')"
)
_ADD_FACTOR = (
    "INSERT INTO mfa_authenticator (user_id, type, data, created_at)"
    " VALUES ({second_administrator}, '%s', '{{}}', now())"
)
ATTEMPTS = (
    *append_only("django_admin_log"),
    # -- Identities of the provider
    unique(
        "an_identity_opens_one_account",
        "one identity for two accounts",
        _IDENTITIES % ("'https://a.invalid', 'x'", _TWO_WITHOUT % "provideridentity"),
    ),
    # -- Invitations
    *(
        raises_violation("first_factor_uses_up_an_invitation INSERT", what, *steps, name=_INVITED)
        for what, steps in (
            ("a first factor without an invitation", (_ADD_FACTOR % "totp",)),
            ("with an invitation of seven days ago", (_INVITE % "7 days", _ADD_FACTOR % "totp")),
            (
                "with an invitation that was used",
                (
                    _INVITE % "1 day",
                    _ADD_FACTOR % "totp",
                    "DELETE FROM mfa_authenticator",
                    _ADD_FACTOR % "totp",
                ),
            ),
            ("with recovery codes alone", (_ADD_FACTOR % "recovery_codes", _ADD_FACTOR % "totp")),
        )
    ),
    raises_violation(
        "first_factor_uses_up_an_invitation INSERT",
        "without an invitation, as the owner of the tables",
        _ADD_FACTOR % "totp",
        name=_INVITED,
        by="owner",
    ),
    returns_answer(
        "first_factor_uses_up_an_invitation INSERT",
        "with an invitation of less than seven days, then a second one without",
        _INVITE % "6 days 23:59",
        _ADD_FACTOR % "totp",
        _ADD_FACTOR % "webauthn",
        "SELECT count(*) FROM accounts_invitation WHERE user_id = {second_administrator}",
        answer="0",
    ),
    returns_answer(
        "first_factor_uses_up_an_invitation INSERT",
        "a passkey of a candidate, who needs none",
        _ADD_FACTOR.replace("{second_administrator}", "{candidate}") % "webauthn",
        answer="done",
    ),
    unique(
        "accounts_user_groups_user_id_group_id_59c0b32f_uniq",
        "a role given twice",
        copy("accounts_user_groups"),
        by="owner",
    ),
    unique(
        "accounts_user_user_permi_user_id_permission_id_2ab516c2_uniq",
        "a permission given twice",
        copy("accounts_user_user_permissions"),
        by="owner",
    ),
    # -- Profiles
    *append_only("profiles_noticeacceptance"),
    unique(
        "profiles_a_notice_is_accepted_once_per_version",
        "accept a version of a notice again",
        copy("profiles_noticeacceptance"),
    ),
    # -- Files
    # -- Journal
    *append_only("journal_entry"),
    *append_only("journal_link", "entry_id"),
    unique(
        "a_seal_of_the_journal_is_used_once",
        "an entry with the seal of another",
        entries("('ROLE_GIVEN', '', '', '')", seal="(SELECT max(seal) FROM journal_entry)"),
    ),
    unique(
        "a_chain_has_one_link_per_position",
        "a second link in the place of the first",
        *without_triggers("journal_link", "UPDATE journal_link SET lane = 1, position = 1"),
        by="owner",
    ),
    returns_answer(
        "journal_link_is_never_emptied TRUNCATE",
        "the owner may empty it, for the tests and a restored copy",
        "TRUNCATE journal_link",
        answer="done",
        by="owner",
    ),
    returns_answer(
        "journal_entry_is_chained INSERT",
        "two new entries follow one another at the end of a chain, each committed to",
        entries("('X', 'offer', '1', 'Une.'), ('Y', 'offer', '2', 'Deux.')"),
        _CHAINED,
        answer="2",
    ),
    returns_answer(
        "journal_entry_is_chained INSERT",
        "a second chain begins at its own first place, after nothing",
        *without_triggers("journal_entry", entries("('X', '', '', '')")),
        "SELECT link_journal_entry(e, 99) FROM journal_entry e ORDER BY id DESC LIMIT 1",
        "SELECT position = 1 AND digest = encode(sha256(convert_to(repeat('0', 64) || jsonb_build_array(e.id, 99, 1,"
        """to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), e.action, l.commitment"""
        ")::text, 'UTF8')), 'hex') FROM journal_link l JOIN journal_entry e ON e.id = l.entry_id WHERE l.lane = 99",
        answer="True",
        by="owner",
    ),
)
