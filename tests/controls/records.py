"""Controls of the database: append-only rows, instants, chains, privileges; and of what leaves it."""

from tests.controls.control import Control

_RAW = "tests/database/test_rules.py::test_an_attempt_against_a_rule_gets_its_answer"
_JOURNAL, _CHAIN = "tests/journal/test_journal.py", "tests/journal/test_chain.py"
_FILING = "tests/submissions/filing/test_filing.py"
_NO_TRIGGER = "-- removed: "


def _trigger(name: str, path: str, start: str, *tests: str) -> Control:
    """Return the control of a trigger, which is one line of its file, from `start`; it is made a comment."""
    return Control(name, path, start, _NO_TRIGGER + start, (*tests, _RAW))


CONTROLS = (
    Control(
        "A record is never changed or deleted, even by the owner",
        "intake/journal/sql/refuse_change.sql",
        "    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';\n",
        "    RETURN COALESCE(NEW, OLD);\n",
        (f"{_JOURNAL}::test_even_the_owner_cannot_change_an_entry", _RAW),
    ),
    Control(
        "A table of records is never emptied",
        "intake/journal/sql/refuse_emptying.sql",
        "        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';\n",
        "        NULL;\n",
        (_RAW,),
    ),
    Control(
        "The role of the application may only add records",
        "intake/journal/privileges.py",
        '        REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM "{role}";\n',
        "",
        (
            f"{_JOURNAL}::test_the_application_may_only_add_entries",
            "tests/dossiers/test_seals.py::test_the_application_has_no_privilege_to_change_a_seal",
        ),
    ),
    _trigger(
        "Each journal entry is chained",
        "intake/journal/sql/chain_journal_entry.sql",
        "CREATE TRIGGER journal_entry_is_chained ",
        f"{_CHAIN}::test_chains_of_entries_with_any_text_are_verified",
    ),
    Control(
        "A link of the journal covers the one before it",
        "intake/journal/sql/link_journal_entry.sql",
        "        previous := before.digest;\n",
        "",
        (f"{_CHAIN}::test_entries_written_together_are_chained_in_their_order",),
    ),
    Control(
        "A verification of the journal compares the digests",
        "intake/journal/chain.py",
        "    if row.salt is not None and _sha256(row.salt, committed) != row.commitment:\n",
        "    if False:\n",
        (f"{_CHAIN}::test_a_changed_byte_is_reported_with_its_entry",),
    ),
    _trigger(
        "The instant of a filing is the database's, before the closing",
        "intake/submissions/sql/stamp_filing_and_refuse_late.sql",
        "CREATE TRIGGER filing_is_stamped_and_on_time ",
        f"{_FILING}::test_the_database_refuses_a_filing_at_or_after_closing",
    ),
    Control(
        "A filing at the closing is refused",
        "intake/submissions/sql/stamp_filing_and_refuse_late.sql",
        "IF NEW.received_at >= offer.closes_at THEN",
        "IF NEW.received_at > offer.closes_at THEN",
        (f"{_FILING}::test_a_filing_at_the_closing_is_refused_without_the_application_too",),
    ),
    Control(
        "An instant that the application supplies for a filing is ignored",
        "intake/submissions/sql/stamp_filing_and_refuse_late.sql",
        "INTO NEW.arrival_id, NEW.received_at\n",
        "INTO NEW.arrival_id\n",
        (_RAW,),
    ),
    Control(
        "A wait that no session of the web server attests does not antedate an arrival",
        "intake/submissions/sql/stamp_arrival_and_refuse_late.sql",
        "            WHERE a.application_name = left(digest, 60)\n                AND ",
        "            WHERE ",
        ("tests/submissions/filing/test_witness.py::test_a_forged_witness_attests_nothing",),
    ),
    Control(
        "Nothing arrives before the transaction that attests it began",
        "intake/submissions/sql/stamp_arrival_and_refuse_late.sql",
        "GREATEST(began, LEAST(began + NEW.elapsed, transaction_timestamp()))",
        "LEAST(began + NEW.elapsed, transaction_timestamp())",
        (
            "tests/submissions/filing/test_witness.py::test_no_request_came_before_the_transaction_that_attests_it",
        ),
    ),
    _trigger(
        "A draft that arrived is frozen until it is filed",
        "intake/submissions/sql/keep_an_arrived_draft.sql",
        "CREATE TRIGGER arrived_draft_is_frozen ",
    ),
    _trigger(
        "An arrival is settled once, and nothing else of it changes",
        "intake/submissions/sql/keep_arrival.sql",
        "CREATE TRIGGER arrival_is_settled_once ",
    ),
    _trigger(
        "A filing commits with its receipt and verdict, within a minute",
        "intake/submissions/sql/refuse_incomplete_or_late_commit.sql",
        "CREATE CONSTRAINT TRIGGER filing_commits_complete_and_in_time ",
    ),
    _trigger(
        "A submission that was filed keeps its offer and its person",
        "intake/submissions/sql/keep_a_filed_submission.sql",
        "CREATE TRIGGER filed_submission_keeps_its_offer_and_person ",
    ),
    _trigger(
        "A submission says what its filing says",
        "intake/submissions/sql/copy_the_standing_filing.sql",
        "CREATE TRIGGER submission_says_what_its_filing_says ",
    ),
    _trigger(
        "A personal extension closes only later",
        "intake/submissions/sql/stamp_personal_extension_and_refuse_earlier.sql",
        "CREATE TRIGGER personal_extension_is_stamped_and_later ",
    ),
    _trigger(
        "A published offer is not changed unseen",
        "offers/sql/offers_keep_published_offer.sql",
        "CREATE TRIGGER ",
    ),
    _trigger(
        "Nobody is selected on an unconfirmed finding",
        "intake/review/sql/refuse_unconfirmed_selection.sql",
        "CREATE TRIGGER submission_is_selected_on_evidence ",
    ),
    _trigger(
        "Evidence quotes a document of its own filing",
        "intake/review/sql/refuse_foreign_evidence.sql",
        "CREATE TRIGGER evidence_quotes_a_document_of_its_filing ",
    ),
    _trigger(
        "A past participation is removed with its reason alone",
        "intake/register/sql/refuse_change_of_a_participation.sql",
        "CREATE TRIGGER participation_is_never_changed ",
        "tests/register/test_register.py::test_even_the_owner_cannot_change_a_row",
    ),
    _trigger(
        "A leaf of the public log follows the one before it",
        "intake/transparency/sql/refuse_leaf_out_of_order.sql",
        "CREATE TRIGGER log_leaves_follow_one_another ",
    ),
    _trigger(
        "A root of the public log has the instant of its publication",
        "intake/transparency/sql/refuse_root_out_of_order.sql",
        "CREATE TRIGGER log_roots_follow_one_another ",
    ),
    Control(
        "The register stores digests that need a key",
        "intake/register/people.py",
        'return hmac.new(self.secret, "\\0".join(parts).encode(), hashlib.sha256).hexdigest()',
        'return hashlib.sha256("\\0".join(parts).encode()).hexdigest()',
        ("tests/register/test_people.py", "tests/register/test_register.py"),
    ),
    Control(
        "An error of a delivery is stored without its message",
        "intake/outbox/leases.py",
        '    return " · ".join(parts)\n',
        '    return " · ".join([*parts, str(error)])\n',
        ("tests/outbox/test_leases.py::test_a_stored_error_contains_no_personal_data",),
    ),
)
