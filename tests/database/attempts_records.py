"""Attempts on seals, receipts, dossiers, mails, the register and the transparency log."""

from tests.database.attempts import (
    UUID,
    Attempt,
    append_only,
    copy,
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
    # -- Mails
    unique(
        "delivery_key_is_unique_per_kind", "ask twice for one mail", copy("outbox_delivery", public_id=UUID)
    ),
    unique(
        "attachment_position_is_unique_per_message",
        "two files in one place",
        copy("outbox_messageattachment"),
    ),
    unique("a_process_of_a_machine_has_one_beat", "beat twice", copy("outbox_heartbeat")),
    unique("a_key_in_use_has_one_row", "use a key twice", copy("outbox_keyinuse")),
    unique("a_server_has_one_outage_at_a_time", "be away twice", copy("outbox_outage")),
    # -- The register
    *append_only("register_removal"),
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
    unique("a_person_takes_part_once_in_a_year", "enter somebody twice", copy("register_participation")),
    # -- The log
    *append_only("transparency_leaf", "position"),
    *append_only("transparency_node", "level"),
    *append_only("transparency_root", "rank"),
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
)
