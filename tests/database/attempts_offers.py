"""Attempts on offers: their requests for documents, their rules, and the records of their changes."""

from tests.database.attempts import (
    Attempt,
    copy,
    raises_violation,
    returns_answer,
    unique,
    without_triggers,
)

_KEPT = "published_offer_closes_only_later UPDATE"
_UNSAID = "later_closing_has_its_extension UPDATE"
_BEFORE = "closing_before_is_kept"
_STAMPED = "extension_is_stamped_and_later INSERT"
_SET = "UPDATE offers_offer SET {} WHERE id = {}"
_DAY = "interval '1 day'"


def _offer(change: str, row: str = "open") -> str:
    return _SET.format(change, f"{{{row}}}")


def _extension(
    *, before: str = "o.closed_at_before", closes: str = "o.closes_at", of: str = "open", more: str = ""
) -> str:
    """Return an extension of the offer `of`, with SQL expressions for the closing before and after."""
    return (
        "INSERT INTO offers_offerextension (offer_id, author_id, reason, at, closed_at_before, closes_at)"
        f" SELECT o.id, {{staff}}, 'Panne.', '2001-01-01', {before}, {closes} FROM offers_offer o"
        f" WHERE o.id = {{{of}}} {more}"
    )


_LATER = _offer(f"closes_at = closes_at + {_DAY}")
_RECORDS = "offer_records_are_never_rewritten"


def _record(table: str) -> tuple[Attempt, ...]:
    """Return attempts to rewrite or delete a record of an offer's changes."""
    rule, answer = f"{table}_is_never_rewritten", f"23001 {_RECORDS}"
    published = "WHERE offer_id IN (SELECT id FROM offers_offer WHERE status <> 'DRAFT')"
    return (
        Attempt(
            f"{rule} UPDATE", "change a reason", (f"UPDATE {table} SET reason = 'autre'",), answer, "owner"
        ),
        Attempt(
            f"{rule} DELETE", "delete one of a published offer", (f"DELETE FROM {table} {published}",), answer
        ),
    )


ATTEMPTS = (
    # -- Offers
    raises_violation(
        _KEPT,
        "make a published offer a draft again",
        _offer("status = 'DRAFT', published_at = NULL"),
        name="published_offer_is_only_ever_cancelled",
    ),
    raises_violation(
        _KEPT,
        "publish a cancelled offer again",
        _offer("status = 'PUBLISHED'", "cancelled"),
        name="published_offer_is_only_ever_cancelled",
    ),
    raises_violation(
        _KEPT,
        "give a published offer another number",
        _offer("number = 'X-1'"),
        name="published_offer_keeps_its_number_and_instant",
    ),
    raises_violation(
        _KEPT,
        "say that an offer was published earlier",
        _offer(f"published_at = published_at - {_DAY}"),
        name="published_offer_keeps_its_number_and_instant",
    ),
    raises_violation(
        _KEPT,
        "close a published offer sooner",
        _offer("closes_at = closes_at - interval '1 microsecond'"),
        name="published_offer_closes_only_later",
    ),
    raises_violation(
        _KEPT,
        "print an earlier last day on a published offer",
        _offer("closes_on = closes_on - 1"),
        name="published_offer_closes_only_later",
    ),
    raises_violation(
        _KEPT,
        "close a cancelled offer sooner",
        _offer("closes_at = closes_at - interval '1 microsecond'", "cancelled"),
        name="published_offer_closes_only_later",
    ),
    raises_violation(
        _UNSAID, "close later and say nothing", _LATER, name="a_later_closing_has_its_extension"
    ),
    raises_violation(
        _UNSAID,
        "close later, with the extension of another offer",
        _offer(f"closes_at = (SELECT closes_at FROM offers_offer WHERE id = {{other}}) + {_DAY}"),
        _offer(f"closes_at = closes_at + {_DAY}", "other"),
        _extension(of="other"),
        name="a_later_closing_has_its_extension",
    ),
    raises_violation(
        _UNSAID,
        "close later twice, and say the second time alone",
        _LATER,
        _LATER,
        _extension(),
        name="a_later_closing_has_its_extension",
    ),
    raises_violation(
        _UNSAID,
        "close later than the extension says",
        _LATER,
        _extension(),
        _LATER,
        name="a_later_closing_has_its_extension",
    ),
    raises_violation(
        _UNSAID,
        "close later, by an extension from another closing",
        *without_triggers(
            "offers_offer",
            "UPDATE offers_offer SET closes_at = closes_at - interval '3 days' WHERE id = {other}",
        ),
        "ALTER TABLE offers_offer ENABLE TRIGGER USER",
        _offer("closes_at = closes_at + interval '3 days'", "other"),
        name="a_later_closing_has_its_extension",
        by="owner",
    ),
    raises_violation(
        _UNSAID,
        "close later, by an extension until another closing",
        *without_triggers(
            "offers_offerextension",
            _extension(before="o.closes_at", closes="o.closes_at + interval '2 days'"),
        ),
        _LATER,
        name="a_later_closing_has_its_extension",
        by="owner",
    ),
    returns_answer(
        f"{_BEFORE} INSERT",
        "a new offer closed at no other instant before",
        copy(
            "offers_offer",
            "id = {unpublished}",
            public_id="gen_random_uuid()",
            number="'X-1'",
            closed_at_before="'2001-01-01'",
            returning="closed_at_before",
        ),
        answer="None",
    ),
    returns_answer(
        f"{_BEFORE} UPDATE",
        "a draft closed at no other instant before",
        _offer(f"closes_at = closes_at + {_DAY}, closed_at_before = '2001-01-01'", "unpublished")
        + " RETURNING closed_at_before",
        answer="None",
    ),
    returns_answer(
        f"{_BEFORE} UPDATE",
        "the closing that held is kept as the offer closes later",
        _offer(f"closes_at = closes_at + {_DAY}, closed_at_before = '2001-01-01'")
        + f" RETURNING closed_at_before = closes_at - {_DAY}",
        _extension(),
        "SELECT closed_at_before = closes_at - interval '1 day' FROM offers_offer WHERE id = {open}",
        answer="True",
    ),
    returns_answer(
        f"{_BEFORE} UPDATE",
        "the closing before is not rewritten without a later one",
        _offer("closed_at_before = '2001-01-01'", "other")
        + " RETURNING closed_at_before BETWEEN '2020-01-01' AND closes_at - interval '1 second'",
        answer="True",
    ),
    unique(
        "offer_number_is_unique",
        "another offer's number",
        _offer("number = (SELECT number FROM offers_offer WHERE id = {open})", "unpublished"),
    ),
    # -- Extensions
    returns_answer(
        _STAMPED,
        "an extension is dated by the database",
        _LATER,
        _extension() + " RETURNING at = transaction_timestamp()",
        answer="True",
    ),
    raises_violation(
        _STAMPED,
        "extend until an instant that is past, of the closing that holds",
        *without_triggers(
            "offers_offer",
            f"UPDATE offers_offer SET closed_at_before = closes_at - {_DAY} WHERE id = {{closed}}",
        ),
        _extension(of="closed"),
        name="an_extension_closes_later_than_now",
        by="owner",
    ),
    raises_violation(
        _STAMPED,
        "extend until this very instant",
        *without_triggers(
            "offers_offer",
            f"UPDATE offers_offer SET closes_at = now(), closed_at_before = now() - {_DAY} WHERE id = {{closed}}",
        ),
        _extension(of="closed"),
        name="an_extension_closes_later_than_now",
        by="owner",
    ),
    raises_violation(
        _STAMPED,
        "extend until the closing that holds",
        _extension(before="o.closes_at"),
        name="an_extension_closes_later_than_now",
    ),
    raises_violation(
        _STAMPED,
        "write an extension that the offer does not have",
        _extension(before="o.closes_at", closes=f"o.closes_at + {_DAY}"),
        name="an_extension_is_of_the_closing_that_holds",
    ),
    raises_violation(
        _STAMPED,
        "say another closing before than the one that held",
        _LATER,
        _extension(before="o.closes_at - interval '3 days'"),
        name="an_extension_is_of_the_closing_that_holds",
    ),
    raises_violation(
        _STAMPED,
        "say a later closing than the offer's",
        _LATER,
        _extension(closes=f"o.closes_at + {_DAY}"),
        name="an_extension_is_of_the_closing_that_holds",
    ),
    raises_violation(
        _STAMPED,
        "say that an offer was extended as another one was",
        "INSERT INTO offers_offerextension (offer_id, author_id, reason, closed_at_before, closes_at)"
        " SELECT {open}, {staff}, 'Panne.', closed_at_before, closes_at FROM offers_offer WHERE id = {other}",
        name="an_extension_is_of_the_closing_that_holds",
    ),
    unique("an_extension_is_written_once", "write an extension twice", _LATER, _extension(), _extension()),
    *_record("offers_offerextension"),
    *_record("offers_offerchange"),
    returns_answer(
        "offers_offerchange_is_never_rewritten DELETE",
        "what was done to a draft goes with it",
        "DELETE FROM offers_offerchange WHERE offer_id = {unpublished} RETURNING 'gone'",
        answer="gone",
    ),
    Attempt(
        "offers_offerchange_is_never_rewritten UPDATE",
        "rewrite what was done to a draft",
        ("UPDATE offers_offerchange SET reason = 'autre' WHERE offer_id = {unpublished}",),
        f"23001 {_RECORDS}",
        "owner",
    ),
    # -- Rules
    *(
        Attempt(
            f"published_rulebook_never_changes {operation}",
            what,
            (f"{statement} WHERE offer_id = {{open}}",),
            "23001 published_rulebook_never_changes",
        )
        for operation, what, statement in (
            ("UPDATE", "change a published rulebook", "UPDATE offers_rulebookversion SET reason = 'autre'"),
            ("UPDATE", "unpublish a rulebook", "UPDATE offers_rulebookversion SET published_at = NULL"),
            ("DELETE", "delete a published rulebook", "DELETE FROM offers_rulebookversion"),
        )
    ),
    unique(
        "offer_rulebooks_have_distinct_numbers", "a rulebook's number twice", copy("offers_rulebookversion")
    ),
    # -- Parts of an offer ------
    unique(
        "offer_documents_have_distinct_positions",
        "two documents in one place",
        copy("offers_documentrequest", kind="'OTHER'"),
    ),
    unique(
        "offer_asks_for_a_kind_once",
        "ask twice for a curriculum vitæ",
        copy("offers_documentrequest", "kind = 'CV'", position="99"),
    ),
    returns_answer(
        "offer_asks_for_a_kind_once",
        "ask for two recommendations",
        copy("offers_documentrequest", kind="'RECOMMENDATION'", position="98"),
        copy("offers_documentrequest", kind="'RECOMMENDATION'", position="99"),
        answer="done",
    ),
    unique("offer_grid_lines_have_distinct_positions", "two lines in one place", copy("offers_gridline")),
    unique("offer_points_have_distinct_positions", "two points in one place", copy("offers_openpoint")),
    unique("offer_sections_have_distinct_positions", "two sections in one place", copy("offers_section")),
)
