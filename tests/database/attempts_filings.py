"""Attempts on filings (on time, complete, never changed) and on personal extensions."""

from tests.database.attempts import (
    CHECK_CONSTRAINTS_NOW,
    Step,
    append_only,
    copy,
    raises_violation,
    returns_answer,
    unique,
    without_triggers,
)
from tests.database.attempts_cancellations import CANCELLED

_FILED, _COMMITTED = "filing_is_stamped_and_on_time INSERT", "filing_commits_complete_and_in_time INSERT"
_LATE, _CLOSED = "filing_is_received_before_closing", "filing_is_made_on_an_open_offer"
_UNFINISHED, _TOO_LONG = "filing_has_its_receipt_and_verdict", "filing_commits_within_a_minute_of_closing"
_RESERVED = "verdict_under_reserve_has_its_request INSERT"
_PERSONAL = "personal_extension_is_stamped_and_later INSERT"

FILE = (
    "INSERT INTO submissions_filing (submission_id, sequence, draft_id, seal_id, received_at, transaction, cluster)"
    " VALUES ({unfiled}, 1, {draft}, {seal}, '2001-01-01', 1, 1)"
)
_NEW = "(SELECT id FROM submissions_filing WHERE draft_id = {draft})"
RECEIPT = f"INSERT INTO submissions_receipt (filing_id, number) VALUES ({_NEW}, 'X-000001-A')"
VERDICT = copy("submissions_verdict", "outcome <> 'INELIGIBLE'", filing_id=_NEW)
FILE_WHOLE: tuple[Step, ...] = (FILE, RECEIPT, VERDICT)


def on_offer(offer: str) -> str:
    """Return the statement that moves the draft to another offer, as is possible until it is filed."""
    return f"UPDATE submissions_submission SET offer_id = {{{offer}}} WHERE id = {{unfiled}}"


def _closes(instant: str) -> tuple[Step, ...]:
    """Return the owner's statements by which the draft's offer closes at an SQL instant."""
    return without_triggers(
        "offers_offer", f"UPDATE offers_offer SET closes_at = {instant} WHERE id = {{open}}"
    )


def extend(
    *, person: str = "person", offer: str = "closed", closes: str = "now() + interval '1 hour'"
) -> str:
    return (
        "INSERT INTO submissions_personalextension"
        " (offer_id, candidate_id, author_id, reason, at, closed_at_before, closes_at)"
        f" VALUES ({{{offer}}}, {{{person}}}, {{staff}}, 'Maladie.', '2001-01-01', '2001-01-01', {closes})"
    )


def _two_extensions(offer: str) -> tuple[Step, ...]:
    """Return the owner's statements that extend `offer` for the candidate twice; one extension is over."""
    over = extend(offer=offer, closes="now() - interval '2 minutes'")
    return without_triggers("submissions_personalextension", over, extend(offer=offer))


_MINUTE = "clock_timestamp() - interval '61 seconds'"
_A_FEW_SECONDS_LEFT = "clock_timestamp() - interval '40 seconds'"
ATTEMPTS = (
    # -- Filed on time
    returns_answer(
        _FILED,
        "the database dates a filing",
        *FILE_WHOLE,
        f"SELECT received_at = transaction_timestamp() FROM submissions_filing WHERE id = {_NEW}",
        answer="True",
    ),
    returns_answer(
        _FILED,
        "the database names the transaction of a filing",
        *FILE_WHOLE,
        f"SELECT transaction = pg_current_xact_id()::text::bigint FROM submissions_filing WHERE id = {_NEW}",
        answer="True",
    ),
    returns_answer(
        _FILED,
        "the database names the server that took a filing",
        *FILE_WHOLE,
        "SELECT cluster = system_identifier FROM submissions_filing, pg_control_system() WHERE id = " + _NEW,
        answer="True",
    ),
    raises_violation(
        _FILED,
        "file what is not sealed",
        FILE.replace("{seal}", "0"),
        name="a_filing_is_sealed_as_it_is_received",
    ),
    raises_violation(_FILED, "file on a cancelled offer", on_offer("cancelled"), FILE, name=_CLOSED),
    raises_violation(
        _FILED, "file on an offer that is not published", on_offer("unpublished"), FILE, name=_CLOSED
    ),
    raises_violation(_FILED, "file before the opening", on_offer("early"), FILE, name=_CLOSED),
    raises_violation(
        _FILED,
        "file on a cancelled offer, with a personal extension",
        extend(offer="open", closes="now() + interval '90 days'"),
        *CANCELLED,
        FILE,
        name=_CLOSED,
    ),
    returns_answer(
        _FILED,
        "file at the instant of the opening",
        *without_triggers("offers_offer", "UPDATE offers_offer SET opens_at = now() WHERE id = {open}"),
        *FILE_WHOLE,
        answer="done",
        by="owner",
    ),
    raises_violation(_FILED, "file a second after the closing", on_offer("closed"), FILE, name=_LATE),
    raises_violation(
        _FILED, "file at the instant of the closing", *_closes("now()"), FILE, name=_LATE, by="owner"
    ),
    returns_answer(
        _FILED,
        "file within the latest of two personal extensions",
        on_offer("closed"),
        *CHECK_CONSTRAINTS_NOW,
        *_two_extensions("closed"),
        *FILE_WHOLE,
        answer="done",
        by="owner",
    ),
    raises_violation(
        _FILED,
        "file late, with the extension of another person",
        on_offer("closed"),
        extend(person="nobody"),
        FILE,
        name=_LATE,
    ),
    raises_violation(
        _FILED,
        "file late, with an extension on another offer",
        on_offer("closed"),
        extend(offer="open", closes="now() + interval '90 days'"),
        FILE,
        name=_LATE,
    ),
    raises_violation(
        _FILED,
        "file late, with an extension that is over",
        extend(),
        on_offer("closed"),
        *CHECK_CONSTRAINTS_NOW,
        *without_triggers(
            "submissions_personalextension",
            "UPDATE submissions_personalextension SET closes_at = now() WHERE offer_id = {closed}",
        ),
        FILE,
        name=_LATE,
        by="owner",
    ),
    # -- Committed whole and in time
    raises_violation(_COMMITTED, "file without a receipt", FILE, VERDICT, name=_UNFINISHED),
    raises_violation(_COMMITTED, "file without a verdict", FILE, RECEIPT, name=_UNFINISHED),
    raises_violation(
        _COMMITTED,
        "commit 61 s after the closing",
        *FILE_WHOLE,
        *_closes(_MINUTE),
        name=_TOO_LONG,
        by="owner",
    ),
    raises_violation(
        _COMMITTED,
        "hold a transaction open until the minute is over",
        *FILE_WHOLE,
        *_closes("transaction_timestamp() - interval '59.9 seconds'"),
        "SELECT pg_sleep(0.15)",
        name=_TOO_LONG,
        by="owner",
    ),
    returns_answer(
        _COMMITTED,
        "commit less than a minute after the closing",
        *FILE_WHOLE,
        *_closes(_A_FEW_SECONDS_LEFT),
        answer="done",
        by="owner",
    ),
    returns_answer(
        _COMMITTED,
        "commit 61 s after the closing, within the latest of two extensions",
        *FILE_WHOLE,
        *_two_extensions("open"),
        *_closes(_MINUTE),
        answer="done",
        by="owner",
    ),
    returns_answer(
        _COMMITTED,
        "commit 61 s after the closing, within a personal extension",
        *FILE_WHOLE,
        extend(offer="open", closes="now() + interval '90 days'"),
        *_closes(_MINUTE),
        answer="done",
        by="owner",
    ),
    *(
        raises_violation(
            _COMMITTED,
            f"commit 61 s after the closing, with the extension {whose}",
            *FILE_WHOLE,
            extend(**given, closes="now() + interval '90 days'"),
            *_closes(_MINUTE),
            name=_TOO_LONG,
            by="owner",
        )
        for whose, given in (
            ("of another person", {"person": "nobody", "offer": "open"}),
            ("on another offer", {"offer": "other"}),
        )
    ),
    raises_violation(
        _RESERVED,
        "file under reserve without asking for a review",
        FILE,
        RECEIPT,
        copy("submissions_verdict", "outcome = 'INELIGIBLE'", filing_id=_NEW),
        name="filing_under_reserve_has_its_request",
    ),
    # -- Never changed
    *append_only("submissions_fileddocument"),
    *append_only("submissions_filing"),
    *append_only("submissions_personalextension"),
    *append_only("submissions_receipt"),
    *append_only("submissions_reviewrequest"),
    *append_only("submissions_ruling"),
    *append_only("submissions_transition"),
    *append_only("submissions_verdict"),
    # -- Personal extensions
    returns_answer(
        _PERSONAL,
        "the database says when an extension is given, and what held before",
        extend(offer="open", closes="now() + interval '90 days'"),
        "SELECT x.at = transaction_timestamp() AND x.closed_at_before = o.closes_at FROM offers_offer o"
        " JOIN submissions_personalextension x ON x.offer_id = o.id WHERE o.id = {open}",
        answer="True",
    ),
    returns_answer(
        _PERSONAL,
        "a second extension follows the first",
        extend(offer="open", closes="now() + interval '90 days'"),
        extend(offer="open", closes="now() + interval '91 days'"),
        "SELECT closed_at_before = now() + interval '90 days' FROM submissions_personalextension"
        " ORDER BY id DESC LIMIT 1",
        answer="True",
    ),
    *(
        returns_answer(
            _PERSONAL,
            f"an extension {of} changes nothing of what held before",
            extend(closes="now() + interval '91 days'", **other),
            extend(offer="open", closes="now() + interval '90 days'"),
            answer="done",
        )
        for of, other in (
            ("of another person", {"offer": "open", "person": "nobody"}),
            ("on another offer", {"offer": "other"}),
        )
    ),
    *(
        raises_violation(
            _PERSONAL,
            f"extend on {what} offer",
            extend(offer=offer, closes="now() + interval '90 days'"),
            name="a_personal_extension_is_of_a_published_offer",
        )
        for what, offer in (("a cancelled", "cancelled"), ("an unpublished", "unpublished"))
    ),
    *(
        raises_violation(_PERSONAL, what, *steps, name="a_personal_extension_closes_only_later")
        for what, *steps in (
            (
                "extend until the offer closes for everyone",
                extend(offer="open", closes="(SELECT closes_at FROM offers_offer WHERE id = {open})"),
            ),
            (
                "extend until what an extension gives already",
                extend(offer="open", closes="now() + interval '90 days'"),
                extend(offer="open", closes="now() + interval '90 days'"),
            ),
            (
                "extend until before what the latest of two extensions gives",
                *(extend(offer="open", closes=f"now() + interval '{days} days'") for days in (90, 92, 91)),
            ),
            ("extend until this very instant", extend(closes="now()")),
        )
    ),
    # -- Contents of a filing ---
    unique(
        "a_submission_has_one_open_draft",
        "a second open draft",
        copy("submissions_draft", "id = {draft}"),
    ),
    unique(
        "a_draft_holds_one_file_per_document_asked", "two files for one", copy("submissions_draftdocument")
    ),
    unique("a_document_has_one_file_at_each_position", "two first files", copy("submissions_documentpart")),
    unique(
        "a_filing_holds_one_file_per_document_asked", "two files for one", copy("submissions_fileddocument")
    ),
    unique(
        "filings_of_a_submission_are_numbered",
        "two filings of one number",
        FILE.replace("{unfiled}", "{amended}"),
    ),
    unique(
        "receipt_number_is_unique", "give a number twice", FILE, copy("submissions_receipt", filing_id=_NEW)
    ),
)
