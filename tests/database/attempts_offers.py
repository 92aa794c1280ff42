"""Attempts on offers: their requests for documents, their rules, and the records of their changes."""

from tests.database.attempts import (
    Attempt,
    all_or_none,
    changes,
    check,
    copy,
    negative,
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
_WORDS = {"code": "'X'"} | dict.fromkeys(
    ("dates_label", "allowance_label", "at_start", "lead", "next_steps"), "'x'"
)
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
    returns_answer(
        _KEPT,
        "a draft may close sooner",
        _offer(f"closes_at = closes_at - {_DAY}", "unpublished"),
        answer="done",
    ),
    returns_answer(
        _KEPT, "a cancelled offer may be corrected", _offer("place = 'Paris'", "cancelled"), answer="done"
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
        _UNSAID, "write the closing again as it is", _offer("closes_at = closes_at"), answer="done"
    ),
    returns_answer(_UNSAID, "close later, by an extension that says so", _LATER, _extension(), answer="done"),
    returns_answer(
        _UNSAID, "a draft closes later as it likes", _LATER.replace("open", "unpublished"), answer="done"
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
    check(
        "offer_allowance_goes_from_least_to_most",
        "more at the least than at the most",
        _offer("allowance_min = 2, allowance_max = 1"),
    ),
    check(
        "offer_allowance_goes_from_least_to_most",
        "an amount that is negative",
        _offer("allowance_min = -1, allowance_max = 1"),
    ),
    check(
        "offer_allowance_goes_from_least_to_most",
        "a least amount alone",
        _offer("allowance_min = 1, allowance_max = NULL"),
    ),
    check(
        "offer_allowance_goes_from_least_to_most",
        "a most amount alone",
        _offer("allowance_min = NULL, allowance_max = 1"),
    ),
    check("offer_closes_after_it_opens", "open as it closes", _offer("opens_at = closes_at")),
    check("offer_currency_is_a_three_letter_code", "a currency by its sign", _offer("currency = '$'")),
    check("offer_ends_after_it_starts", "a stage of no day", _offer("ends_on = starts_on")),
    check("offer_names_its_organisation", "an organisation without a name", _offer("organisation = ''")),
    check(
        "offer_number_fits_an_address", "a number with a slash", _offer("number = '2027/1'", "unpublished")
    ),
    check(
        "offer_status_is_known",
        "a status that is none of the choices",
        "ALTER TABLE offers_offer DROP CONSTRAINT published_offer_has_number_contact_and_instant",
        _offer("status = 'X'"),
        by="owner",
    ),
    check("offer_time_zone_is_an_area_and_a_city", "a zone by its abbreviation", _offer("time_zone = 'EST'")),
    check(
        "published_offer_has_number_contact_and_instant",
        "publish without a number",
        _offer("status = 'PUBLISHED', published_at = now(), number = NULL", "unpublished"),
    ),
    check(
        "published_offer_has_number_contact_and_instant",
        "publish without an instant",
        _offer("status = 'PUBLISHED'", "unpublished"),
    ),
    check(
        "published_offer_has_number_contact_and_instant",
        "publish without a way to be reached",
        _offer(
            "status = 'PUBLISHED', published_at = now(), contact_email = '', contact_phone = ''",
            "unpublished",
        ),
    ),
    check(
        "published_offer_has_number_contact_and_instant",
        "a draft that was published",
        _offer("published_at = now()", "unpublished"),
    ),
    unique(
        "offer_number_is_unique",
        "another offer's number",
        _offer("number = (SELECT number FROM offers_offer WHERE id = {open})", "unpublished"),
    ),
    unique(
        "offers_offer_public_id_key",
        "another offer's public id",
        _offer("public_id = (SELECT public_id FROM offers_offer WHERE id = {open})", "unpublished"),
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
    check(
        "extension_closes_only_later",
        "extend by nothing",
        *without_triggers("offers_offerextension", _extension(before="o.closes_at")),
        by="owner",
    ),
    check("extension_says_why", "extend for no reason", _LATER, _extension().replace("Panne.", "")),
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
    check(
        "offer_change_kind_is_known",
        "a change that is none of the choices",
        copy("offers_offerchange", kind="'X'"),
    ),
    *(
        check(
            "offer_change_that_candidates_feel_says_why",
            f"{kind} for no reason",
            copy("offers_offerchange", kind=f"'{kind}'", reason="''"),
        )
        for kind in ("CORRECTED", "RULES_CHANGED", "EXTENDED", "CANCELLED")
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
    returns_answer(
        "published_rulebook_never_changes UPDATE",
        "a draft's rulebook may change",
        "UPDATE offers_rulebookversion SET reason = 'autre' WHERE offer_id = {unpublished} RETURNING 'changed'",
        answer="changed",
    ),
    check(
        "later_rulebook_says_why_it_replaces",
        "a second rulebook for no reason",
        copy("offers_rulebookversion", number="2", reason="''"),
    ),
    check(
        "rulebook_numbers_start_at_one",
        "a rulebook before the first",
        copy("offers_rulebookversion", number="0", reason="'x'"),
    ),
    *all_or_none(
        "published_rulebook_is_dated_and_digested",
        lambda part: (copy("offers_rulebookversion", "published_at IS NULL", **part),),
        published_at="now()",
        starts_on="'2031-01-01'",
        closes_on="'2031-01-01'",
        digest="'sha256:0'",
    ),
    unique(
        "offer_rulebooks_have_distinct_numbers", "a rulebook's number twice", copy("offers_rulebookversion")
    ),
    # -- Parts of an offer ------
    *negative("offers_documentrequest", "max_bytes", "max_pages", "position"),
    *negative("offers_gridline", "position"),
    *negative("offers_openpoint", "position"),
    *negative("offers_rulebookversion", "number", "schema"),
    *negative("offers_section", "position"),
    check("document_has_a_label", "a document without a label", copy("offers_documentrequest", label="''")),
    check("document_kind_is_known", "a kind of no document", copy("offers_documentrequest", kind="'X'")),
    check(
        "document_limits_leave_room_for_one_page",
        "a document of no page",
        copy("offers_documentrequest", max_pages="0"),
    ),
    check(
        "document_limits_leave_room_for_one_page",
        "a document of no byte",
        copy("offers_documentrequest", max_bytes="0"),
    ),
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
    check(
        "grid_line_requirement_is_known",
        "a line neither required nor an asset",
        copy("offers_gridline", requirement="'X'"),
    ),
    check("grid_line_says_something", "a line that says nothing", copy("offers_gridline", text="''")),
    unique("offer_grid_lines_have_distinct_positions", "two lines in one place", copy("offers_gridline")),
    check("offer_point_code_is_a_code", "a point in a sentence", copy("offers_openpoint", code="'à voir'")),
    *all_or_none(
        "settled_offer_point_says_who_when_and_how",
        lambda part: (f"UPDATE offers_openpoint SET {changes(part)}",),
        resolution="'Fait.'",
        resolved_at="now()",
        resolved_by_id="{staff}",
    ),
    unique("offer_points_have_distinct_positions", "two points in one place", copy("offers_openpoint")),
    check("section_kind_is_known", "a kind of no section", copy("offers_section", kind="'X'")),
    check("section_says_something", "an empty section", copy("offers_section", title="''", text="''")),
    unique("offer_sections_have_distinct_positions", "two sections in one place", copy("offers_section")),
    # -- Programmes
    check("programme_code_is_a_code", "a code in small letters", copy("offers_programme", code="'x'")),
    check(
        "programme_has_a_name", "a programme without a name", copy("offers_programme", code="'X'", name="''")
    ),
    *(
        check(
            "programme_says_all_its_words",
            f"another programme without its {word}",
            copy("offers_programme", **(_WORDS | {word: "''"})),
        )
        for word in ("dates_label", "allowance_label", "at_start", "lead", "next_steps")
    ),
    check(
        "programme_says_all_its_words",
        "another programme without any of its words",
        copy("offers_programme", **(dict.fromkeys(_WORDS, "''") | {"code": "'X'"})),
    ),
    *(
        check(
            "programme_says_all_its_words",
            f"the portal's own programme with its {word} alone",
            f"UPDATE offers_programme SET {word} = 'x' WHERE code = 'STAGES-OIG'",
        )
        for word in _WORDS
        if word != "code"
    ),
    unique("offers_programme_code_key", "a programme's code twice", copy("offers_programme")),
)
