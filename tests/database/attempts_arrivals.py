"""Attempts on arrivals: stamped by the database, on time, never backdated, settled once; the draft is frozen."""

from tests.database.attempts import (
    CHECK_CONSTRAINTS_NOW,
    Attempt,
    Role,
    Step,
    raises_violation,
    returns_answer,
    unique,
    without_triggers,
)
from tests.database.attempts_filings import FILE_WHOLE, extend, on_offer

_STAMPED, _COMMITTED = "arrival_is_stamped_and_on_time INSERT", "arrival_commits_in_time INSERT"
_KEPT = "arrival_is_settled_once"
_FILED, _FILED_IN_TIME = "filing_is_stamped_and_on_time INSERT", "filing_commits_complete_and_in_time INSERT"
_FROZEN = "an_arrived_draft_is_frozen"
_LATE, _CLOSED = "arrival_is_before_closing", "arrival_is_on_an_open_offer"
_CHANGED = "an_arrival_is_of_the_draft_that_was_displayed"
_COLUMNS = "draft_id, version, declarations, review_message, reads_english, elapsed, witness"
_THE_ARRIVAL = "(SELECT id FROM submissions_arrival WHERE draft_id = {draft} ORDER BY id DESC LIMIT 1)"


def arrive(
    *,
    draft: str = "{draft}",
    version: str = "(SELECT version FROM submissions_draft WHERE id = {draft})",
    elapsed: str = "NULL",
    witness: str = "NULL",
) -> str:
    """Return the statement by which a draft arrives, with every instant and identifier supplied in vain."""
    return (
        f"INSERT INTO submissions_arrival ({_COLUMNS}, submission_id, attested_at, arrived_at, transaction, cluster,"
        f" state, reason) VALUES ({draft}, {version}, '{{{{}}}}', '', false, {elapsed}, {witness}, 1, '2001-01-01',"
        " '2001-01-01', 1, 1, 'FILED', 'X')"
    )


def _closes(instant: str) -> tuple[Step, ...]:
    return without_triggers(
        "offers_offer", f"UPDATE offers_offer SET closes_at = {instant} WHERE id = {{open}}"
    )


def _told(condition: str) -> str:
    return f"SELECT {condition} FROM submissions_arrival WHERE id = {_THE_ARRIVAL}"


SETTLE = f"UPDATE submissions_arrival SET state = 'FILED' WHERE id = {_THE_ARRIVAL}"
REFUSE = f"UPDATE submissions_arrival SET state = 'REFUSED', reason = 'INCOMPLETE' WHERE id = {_THE_ARRIVAL}"
_ONCE, _NOTHING = "an arrival is settled once", "an arrival is settled once, and nothing else of it changes"
_DIGEST = "encode(sha256('secret'), 'hex')"
_BEAR_THE_DIGEST = f"DO $$ BEGIN PERFORM set_config('application_name', left({_DIGEST}, 60), true); END $$"
_SERVER = "SELECT pg_current_xact_id()::text::bigint, system_identifier FROM pg_control_system()"
_OWN_WITNESS = "pg_backend_pid() || ':secret'"


def _draft(change: str) -> str:
    return f"UPDATE submissions_draft SET {change} WHERE id = {{draft}}"


def _set(change: str) -> str:
    return f"UPDATE submissions_arrival SET {change} WHERE id = {_THE_ARRIVAL}"


def _arrived_before_closing(ago: str) -> tuple[Step, ...]:
    """Return the owner's statements by which the draft arrived a second before a closing that was `ago`."""
    instant = f"now() - interval '{ago} 1 second'"
    return (
        arrive(),
        *CHECK_CONSTRAINTS_NOW,
        *without_triggers("submissions_arrival", _set(f"arrived_at = {instant}, attested_at = {instant}")),
        *CHECK_CONSTRAINTS_NOW,
        "ALTER TABLE submissions_arrival ENABLE TRIGGER USER",
        *_closes(f"now() - interval '{ago}'"),
    )


_ARRIVED_A_WHILE_AGO = _arrived_before_closing("14 minutes")

_UNCHANGED: tuple[tuple[str, tuple[str, ...], str, Role], ...] = (
    ("settle an arrival twice", (REFUSE, REFUSE.replace("REFUSED", "WAITING")), _ONCE, "app"),
    ("give another reason", (REFUSE, REFUSE.replace("REFUSED', reason", "FILED', reason")), _ONCE, "app"),
    ("backdate an arrival", (_set("arrived_at = '2001-01-01'"),), _NOTHING, "owner"),
    ("let an arrival have another version", (_set("version = 99"),), _NOTHING, "owner"),
    ("write another text", (_set("review_message = 'X'"),), "the text of an arrival is only erased", "app"),
)
ATTEMPTS: tuple[Attempt, ...] = (
    # -- Stamped, and on time
    *(
        returns_answer(_STAMPED, what, arrive(**given), _told(condition), answer="True")
        for what, given, condition in (
            ("the database dates an arrival", {}, "arrived_at = transaction_timestamp()"),
            ("an arrival is of its draft's submission", {}, "submission_id = {unfiled}"),
            ("an arrival waits, whatever was supplied", {}, "state = 'WAITING' AND reason = ''"),
            (
                "the database names transaction and server",
                {},
                f"(transaction, cluster) = ({_SERVER})",
            ),
            (
                "what no session attests came when it is stored",
                {"elapsed": "interval '-1 hour'"},
                "arrived_at = transaction_timestamp() AND attested_at = transaction_timestamp()",
            ),
            (
                "another session's process, without its secret, attests nothing",
                {
                    "elapsed": "interval '0'",
                    "witness": "(SELECT min(pid) || ':secret' FROM pg_stat_activity WHERE pid <> pg_backend_pid())",
                },
                "arrived_at = transaction_timestamp()",
            ),
            (
                "a witness of no process attests nothing",
                {"elapsed": "interval '0'", "witness": "'0:secret'"},
                "arrived_at = transaction_timestamp()",
            ),
            (
                "a witness without a duration attests nothing",
                {"witness": _OWN_WITNESS},
                "arrived_at = transaction_timestamp()",
            ),
        )
    ),
    *(
        returns_answer(
            _STAMPED,
            what,
            _BEAR_THE_DIGEST,
            arrive(elapsed=elapsed, witness=_OWN_WITNESS),
            _told(f"arrived_at = transaction_timestamp() AND witness = {_DIGEST}"),
            answer="True",
        )
        for what, elapsed in (
            ("nothing comes before the transaction that attests it", "interval '-1 hour'"),
            ("nothing comes after it is stored", "interval '1 hour'"),
        )
    ),
    raises_violation(_STAMPED, "arrive with another version", arrive(version="99"), name=_CHANGED),
    raises_violation(
        _STAMPED,
        "arrive with a draft that is filed",
        *FILE_WHOLE,
        "UPDATE submissions_draft SET closed_at = now() WHERE id = {draft}",
        arrive(),
        name=_CHANGED,
    ),
    raises_violation(_STAMPED, "arrive on a cancelled offer", on_offer("cancelled"), arrive(), name=_CLOSED),
    raises_violation(_STAMPED, "arrive before the opening", on_offer("early"), arrive(), name=_CLOSED),
    raises_violation(_STAMPED, "arrive a second late", on_offer("closed"), arrive(), name=_LATE),
    raises_violation(
        _STAMPED, "arrive at the instant of the closing", *_closes("now()"), arrive(), name=_LATE, by="owner"
    ),
    raises_violation(
        _STAMPED,
        "arrive late, with a duration that would make it early",
        on_offer("closed"),
        arrive(elapsed="interval '-1 hour'"),
        name=_LATE,
    ),
    raises_violation(
        _STAMPED,
        "arrive late, citing the secret of one's own session",
        _BEAR_THE_DIGEST,
        on_offer("closed"),
        arrive(elapsed="interval '-1 hour'", witness=_OWN_WITNESS),
        name=_LATE,
    ),
    *(
        raises_violation(
            _STAMPED,
            f"arrive late, with the extension {whose}",
            *steps,
            on_offer("closed"),
            arrive(),
            name=_LATE,
        )
        for whose, *steps in (
            ("of another person", extend(person="nobody")),
            ("on another offer", extend(offer="open", closes="now() + interval '90 days'")),
        )
    ),
    unique("a_draft_has_one_waiting_arrival", "arrive twice", arrive(), arrive()),
    # -- Committed in time
    raises_violation(
        _COMMITTED,
        "commit an arrival 61 s after the closing",
        arrive(),
        *_closes("clock_timestamp() - interval '61 seconds'"),
        name="arrival_commits_within_a_minute_of_closing",
        by="owner",
    ),
    returns_answer(
        _COMMITTED,
        "commit an arrival 40 s after the closing",
        arrive(),
        *_closes("clock_timestamp() - interval '40 seconds'"),
        answer="done",
        by="owner",
    ),
    *(
        raises_violation(
            _COMMITTED,
            f"commit an arrival 61 s after the closing, with the extension {whose}",
            arrive(),
            extend(**given, closes="now() + interval '90 days'"),
            *_closes("clock_timestamp() - interval '61 seconds'"),
            name="arrival_commits_within_a_minute_of_closing",
            by="owner",
        )
        for whose, given in (
            ("of another person", {"person": "nobody", "offer": "open"}),
            ("on another offer", {"offer": "other"}),
        )
    ),
    # -- Filed at its instant
    returns_answer(
        _FILED,
        "what arrived is filed at its instant, after the closing too",
        *_ARRIVED_A_WHILE_AGO,
        *FILE_WHOLE,
        SETTLE,
        f"SELECT f.received_at = a.arrived_at FROM submissions_filing f JOIN submissions_arrival a"
        f" ON a.id = f.arrival_id WHERE a.id = {_THE_ARRIVAL}",
        answer="True",
        by="owner",
    ),
    returns_answer(
        _FILED_IN_TIME,
        "commit what arrived 14 minutes ago, just before the closing",
        *_ARRIVED_A_WHILE_AGO,
        *FILE_WHOLE,
        SETTLE,
        answer="done",
        by="owner",
    ),
    raises_violation(
        _FILED_IN_TIME,
        "commit what arrived 16 minutes ago",
        *_arrived_before_closing("16 minutes"),
        *FILE_WHOLE,
        SETTLE,
        name="filing_commits_within_15_minutes_of_its_arrival",
        by="owner",
    ),
    raises_violation(
        _FILED_IN_TIME,
        "file what arrived and leave the arrival waiting",
        arrive(),
        *FILE_WHOLE,
        name="a_filing_settles_its_arrival",
    ),
    # -- Settled once
    returns_answer(
        f"{_KEPT} UPDATE",
        "the database says when an arrival is settled",
        arrive(),
        REFUSE,
        _told("settled_at = transaction_timestamp()"),
        answer="True",
    ),
    raises_violation(
        f"{_KEPT} UPDATE",
        "say that an arrival is filed",
        arrive(),
        SETTLE,
        name="an_arrival_is_filed_by_its_filing",
    ),
    raises_violation(
        f"{_KEPT} UPDATE",
        "refuse an arrival that is filed",
        arrive(),
        *FILE_WHOLE,
        REFUSE,
        name="an_arrival_is_filed_by_its_filing",
    ),
    *(
        Attempt(f"{_KEPT} UPDATE", what, (arrive(), *steps), f"23001 {answer}", by)
        for what, steps, answer, by in _UNCHANGED
    ),
    returns_answer(
        f"{_KEPT} UPDATE",
        "a settled arrival keeps its reason",
        arrive(),
        REFUSE,
        _set("reason = 'X'"),
        _told("reason = 'INCOMPLETE'"),
        answer="True",
    ),
    Attempt(
        f"{_KEPT} UPDATE",
        "take the draft of an arrival that waits",
        (arrive(), _set("draft_id = NULL")),
        "23001 a_waiting_arrival_keeps_its_draft",
    ),
    Attempt(
        f"{_KEPT} DELETE",
        "delete an arrival",
        ("DELETE FROM submissions_arrival WHERE id = {arrival}",),
        f"23001 {_NOTHING}",
        "owner",
    ),
    Attempt(
        "submissions_arrival_is_never_emptied TRUNCATE",
        "empty the table, with the privilege to do so",
        (
            "GRANT TRUNCATE ON ALL TABLES IN SCHEMA public TO intake_app",
            "SET LOCAL ROLE intake_app",
            "TRUNCATE submissions_arrival CASCADE",
        ),
        "23001 submissions_arrival is append-only",
        "superuser",
    ),
    # -- The draft is frozen
    *(
        raises_violation(f"arrived_draft_is_frozen {operation}", what, arrive(), change, name=_FROZEN)
        for operation, what, change in (
            (
                "UPDATE",
                "change an answer of what arrived",
                "UPDATE submissions_draft SET answers = '{{}}' WHERE id = {draft}",
            ),
            (
                "UPDATE",
                "change a document of what arrived",
                "UPDATE submissions_draft SET version = version + 1 WHERE id = {draft}",
            ),
            ("DELETE", "discard what arrived", "DELETE FROM submissions_draft WHERE id = {draft}"),
        )
    ),
)
