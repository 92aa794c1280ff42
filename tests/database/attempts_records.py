"""Attempts on seals, receipts, dossiers, mails, the register and the transparency log."""

from tests.database.attempts import (
    UUID,
    Attempt,
    all_or_none,
    append_only,
    changes,
    check,
    copy,
    negative,
    raises_violation,
    returns_answer,
    unique,
    without_triggers,
)
from tests.database.attempts_accounts import SHA

_LEAF, _ROOT = "log_leaves_follow_one_another INSERT", "log_roots_follow_one_another INSERT"
_IN_ORDER, _OF_NOW = "log_roots_follow_one_another", "log_root_bears_the_databases_instant"
_SIZE = "(SELECT max(position) + 1 FROM transparency_leaf)"


def _leaf(position: str) -> str:
    return f"INSERT INTO transparency_leaf (position, number, text) VALUES ({position}, 'X-1', '')"


def _root(
    *,
    rank: str = "(SELECT max(rank) + 1 FROM transparency_root)",
    size: str = _SIZE,
    at: str = "clock_timestamp()",
    digest: str = SHA,
    key: str = "'cle'",
) -> str:
    return (
        "INSERT INTO transparency_root (rank, size, hash, published_at, key_id, signature)"
        f" VALUES ({rank}, {size}, {digest}, {at}, {key}, '')"
    )


_SIGNED = {
    "seal_id": "{seal}",
    "number": "'X-1'",
    "code": "'0000-0000-0000'",
    "sha256": SHA,
}
"""The unique columns of a signed receipt, each with another value."""


def _signed(*same: str) -> dict[str, str]:
    return {column: value for column, value in _SIGNED.items() if column not in same}


_REMOVE = "DELETE FROM register_participation"
_NO_REASON = "23001 participation_is_removed_with_its_reason"


def _removal(participation: str = "id", at: str = "now()") -> str:
    return (
        "INSERT INTO register_removal (participation, programme_id, year, reason, whole, removed_at)"
        f" SELECT {participation}, programme_id, year, 'Erreur.', whole, {at} FROM register_participation"
    )


ATTEMPTS = (
    # -- Seals, dossiers and signed receipts
    *append_only("dossiers_lostdossier"),
    *append_only("dossiers_remadereceipt"),
    *append_only("dossiers_seal"),
    *append_only("dossiers_signedreceipt"),
    *negative("dossiers_dossier", "pages", "size"),
    *negative("dossiers_lostdossier", "pages", "size"),
    *negative("dossiers_remadereceipt", "size"),
    *negative("dossiers_seal", "schema"),
    *negative("dossiers_signedreceipt", "size"),
    *(
        check(rule, "a digest in capitals", copy(table, sha256=f"upper({SHA})"))
        for rule, table in (
            ("dossier_digest_is_sha256", "dossiers_dossier"),
            ("lost_dossier_digest_is_sha256", "dossiers_lostdossier"),
            ("remade_receipt_digest_is_sha256", "dossiers_remadereceipt"),
            ("signed_receipt_digest_is_sha256", "dossiers_signedreceipt"),
        )
    ),
    check("dossier_has_at_least_one_page", "a dossier of no page", copy("dossiers_dossier", pages="0")),
    unique("dossiers_dossier_number_key", "a second dossier", copy("dossiers_dossier", seal_id="{seal}")),
    unique(
        "dossiers_dossier_seal_id_key", "two dossiers of a seal", copy("dossiers_dossier", number="'X-1'")
    ),
    unique("dossiers_remadereceipt_sha256_key", "the same bytes twice", copy("dossiers_remadereceipt")),
    check("seal_digest_is_sha256", "a digest of no kind", copy("dossiers_seal", digest=SHA)),
    *(
        check(
            "seal_keeps_content_and_salt_together",
            what,
            copy("dossiers_seal", digest=f"'sha256:' || {SHA}", **changes),
        )
        for what, changes in (
            ("seal without a salt", {"salt": "NULL"}),
            ("keep a salt without its content", {"canonical": "NULL"}),
            ("seal with a short salt", {"salt": "'a'"}),
        )
    ),
    unique("dossiers_seal_digest_key", "seal the same twice", copy("dossiers_seal")),
    check(
        "receipt_code_is_three_groups_of_four",
        "a code with a letter that reads as a figure",
        copy("dossiers_signedreceipt", code="'OOOO-0000-0000'"),
    ),
    *(
        unique(
            f"dossiers_signedreceipt_{column}_key",
            f"the same {column} twice",
            copy("dossiers_signedreceipt", **_signed(column)),
        )
        for column in _SIGNED
    ),
    # -- Mails
    *negative("outbox_delivery", "attempts", "outages"),
    *negative("outbox_messageattachment", "position"),
    check(
        "delivery_attempts_are_counted",
        "fewer attempts than none",
        "ALTER TABLE outbox_delivery DROP CONSTRAINT outbox_delivery_attempts_check",
        "UPDATE outbox_delivery SET attempts = -1",
        by="owner",
    ),
    *(
        check(rule, what, f"UPDATE outbox_delivery SET {change}")
        for rule, what, change in (
            ("delivery_done_has_its_instant", "done at no instant", "state = 'DONE', done_at = NULL"),
            ("delivery_done_has_its_instant", "not done, at an instant", "state = 'DEAD', done_at = now()"),
            ("delivery_state_is_known", "a state that is none of the choices", "state = 'X', done_at = NULL"),
        )
    ),
    *all_or_none(
        "delivery_is_leased_until_an_instant",
        lambda part: (
            "UPDATE outbox_delivery SET state = 'PENDING', done_at = NULL, leased_until = NULL, lease_token = NULL",
            f"UPDATE outbox_delivery SET {changes(part)}",
        ),
        state="'LEASED'",
        leased_until="now()",
        lease_token=UUID,
    ),
    unique(
        "delivery_key_is_unique_per_kind", "ask twice for one mail", copy("outbox_delivery", public_id=UUID)
    ),
    unique("outbox_delivery_public_id_key", "a public id twice", copy("outbox_delivery", key="'X'")),
    check(
        "message_arrived_or_came_back",
        "a mail that arrived and came back",
        "UPDATE outbox_message SET arrived_at = now(), returned_at = now()",
    ),
    check(
        "message_is_sent_or_let_go",
        "a mail that is sent and given up",
        "UPDATE outbox_message SET sent_at = now(), let_go_at = now()",
    ),
    unique(
        "outbox_message_delivery_id_key", "two mails for one", copy("outbox_message", message_id="'<x@y>'")
    ),
    unique(
        "outbox_message_message_id_key",
        "two mails of one name",
        copy(
            "outbox_message",
            delivery_id="(SELECT min(d.id) FROM outbox_delivery d WHERE d.id <> t.delivery_id)",
        ),
    ),
    unique(
        "attachment_position_is_unique_per_message",
        "two files in one place",
        copy("outbox_messageattachment"),
    ),
    # -- The register
    *append_only("register_removal"),
    *negative("register_participation", "year"),
    *negative("register_removal", "year"),
    Attempt(
        "participation_is_never_changed UPDATE",
        "change a year",
        ("UPDATE register_participation SET year = year + 1",),
        "23001 participation_is_never_changed",
        "owner",
    ),
    Attempt("participation_is_never_changed DELETE", "remove for no reason", (_REMOVE,), _NO_REASON),
    Attempt(
        "participation_is_never_changed DELETE",
        "remove for the reason of another",
        (_removal("id + 1000"), _REMOVE),
        _NO_REASON,
    ),
    Attempt(
        "participation_is_never_changed DELETE",
        "remove for a reason given before",
        (_removal(at="now() - interval '1 second'"), _REMOVE),
        _NO_REASON,
    ),
    returns_answer(
        "participation_is_never_changed DELETE",
        "remove, and say why",
        _removal(),
        _REMOVE + " RETURNING 'removed'",
        answer="removed",
    ),
    check("participation_holds_digests_alone", "a name", copy("register_participation", whole="'Tremblay'")),
    check(
        "participation_holds_digests_alone",
        "a name beside the digests",
        copy("register_participation", shorter="ARRAY['Tremblay']"),
    ),
    check("participation_names_its_key", "no key", copy("register_participation", key_name="''")),
    check(
        "participation_source_is_known", "a source of no kind", copy("register_participation", source="'X'")
    ),
    *(
        check("participation_year_is_a_year", f"the year {year}", copy("register_participation", year=year))
        for year in ("1959", "2101")
    ),
    unique("a_person_takes_part_once_in_a_year", "enter somebody twice", copy("register_participation")),
    check("removal_holds_a_digest_alone", "a name", copy("register_removal", whole="'Tremblay'")),
    check("removal_says_why", "remove for no reason", copy("register_removal", reason="''")),
    # -- The log
    *append_only("transparency_leaf", "position"),
    *append_only("transparency_node", "level"),
    *append_only("transparency_root", "rank"),
    *negative("transparency_leaf", "position"),
    *negative("transparency_node", "level", "position"),
    *negative("transparency_root", "rank", "size"),
    *(
        raises_violation(_LEAF, what, _leaf(position), name="log_leaves_follow_one_another")
        for what, position in (("leave a place empty", f"{_SIZE} + 1"), ("take a place again", "0"))
    ),
    returns_answer(_LEAF, "follow the last leaf", _leaf(_SIZE), answer="done"),
    returns_answer(
        _LEAF,
        "begin a log at zero",
        *without_triggers("transparency_leaf", "DELETE FROM transparency_leaf"),
        "ALTER TABLE transparency_leaf ENABLE TRIGGER USER",
        _leaf("0"),
        answer="done",
        by="owner",
    ),
    raises_violation(
        _LEAF,
        "begin a log at one",
        *without_triggers("transparency_leaf", "DELETE FROM transparency_leaf"),
        "ALTER TABLE transparency_leaf ENABLE TRIGGER USER",
        _leaf("1"),
        name="log_leaves_follow_one_another",
        by="owner",
    ),
    *(
        raises_violation(_ROOT, what, *steps, name=name)
        for what, name, *steps in (
            ("leave a rank out", _IN_ORDER, _root(rank="(SELECT max(rank) + 2 FROM transparency_root)")),
            ("publish a rank again", _IN_ORDER, _root(rank="1")),
            ("publish fewer leaves than there are", _IN_ORDER, _leaf(_SIZE), _root(size=f"{_SIZE} - 1")),
            ("publish more leaves than there are", _IN_ORDER, _root(size=f"{_SIZE} + 1")),
            ("say that a root was published before", _OF_NOW, _root(at="now() - interval '1 microsecond'")),
            (
                "say that a root is published later",
                _OF_NOW,
                _root(at="clock_timestamp() + interval '1 hour'"),
            ),
            (
                "publish two roots at one instant",
                _OF_NOW,
                _root(at="now()"),
                _root(at="now()"),
            ),
        )
    ),
    raises_violation(
        _ROOT,
        "publish fewer leaves than before, as many as there are",
        *without_triggers(
            "transparency_leaf",
            "DELETE FROM transparency_leaf WHERE position = (SELECT max(position) FROM transparency_leaf)",
        ),
        _root(),
        name=_IN_ORDER,
        by="owner",
    ),
    returns_answer(
        _ROOT,
        "publish the first root",
        *without_triggers("transparency_root", "DELETE FROM transparency_root"),
        "ALTER TABLE transparency_root ENABLE TRIGGER USER",
        _root(rank="1"),
        answer="done",
        by="owner",
    ),
    returns_answer(
        _ROOT,
        "publish the root of an empty log",
        *without_triggers("transparency_root", "DELETE FROM transparency_root"),
        *without_triggers("transparency_leaf", "DELETE FROM transparency_leaf"),
        "ALTER TABLE transparency_root ENABLE TRIGGER USER",
        _root(rank="1", size="0"),
        answer="done",
        by="owner",
    ),
    returns_answer(_ROOT, "publish what there is, now", _root(), answer="done"),
    unique(
        "transparency_leaf_number_key",
        "log one receipt twice",
        copy("transparency_leaf", position=_SIZE),
    ),
    check("log_node_is_a_sha256", "a short digest", copy("transparency_node", level="99", hash="'\\x00'")),
    check("log_root_is_a_sha256", "a root of no digest", _root(digest="'x'")),
    check("log_root_names_its_key", "a root signed by no key", _root(key="''")),
)
