"""For each invariant, the SQL by which the tables' owner violates it."""

from typing import Any

from django.db import connection

from tests.database_roles import as_owner
from tests.factories.everything import Everything


def run(*statements: str, **values: Any) -> None:
    with as_owner(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, values or None)


def drop_unique(*columns: str) -> str:
    """Return SQL that drops the unique rules on exactly the columns `columns[1:]` of the table `columns[0]`."""
    table, *names = columns
    return f"""
    DO $$ DECLARE rule record; BEGIN
        FOR rule IN
            SELECT i.indexrelid::regclass AS name, c.conname
            FROM pg_index i LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.contype = 'u'
            WHERE i.indrelid = '{table}'::regclass AND i.indisunique AND (
                SELECT array_agg(a.attname::text ORDER BY a.attname) FROM pg_attribute a
                WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
            ) = '{{{",".join(sorted(names))}}}'
        LOOP
            IF rule.conname IS NULL THEN EXECUTE 'DROP INDEX ' || rule.name;
            ELSE EXECUTE format('ALTER TABLE {table} DROP CONSTRAINT %I', rule.conname); END IF;
        END LOOP;
    END $$
    """  # noqa: S608 -- constant names, written below


def update(table: str, change: str, where: str = "TRUE") -> str:
    return f"UPDATE {table} SET {change} WHERE {where}"  # noqa: S608 -- constant SQL, written below


def delete(table: str, where: str = "TRUE") -> str:
    return f"DELETE FROM {table} WHERE {where}"  # noqa: S608 -- constant SQL, written below


def drop(table: str, constraint: str) -> str:
    return f"ALTER TABLE {table} DROP CONSTRAINT {constraint}"


def copied(table: str, where: str, **changes: str) -> str:
    """Return SQL that inserts a copy of the row of `table` that `where` selects, with `changes`."""
    with as_owner(), connection.cursor() as cursor:
        described = connection.introspection.get_table_description(cursor, table)
        cursor.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attgenerated <> ''", [table]
        )
        generated = {name for (name,) in cursor.fetchall()}
    columns = [
        column.name
        for column in described
        if (column.name != "id" or "id" in changes) and column.name not in generated
    ]
    values = ", ".join(changes.get(name, name) for name in columns)
    return f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {table} WHERE {where}"  # noqa: S608 -- constant SQL


NEW_UUID = "gen_random_uuid()"


def broken(whole: Everything) -> dict[str, tuple[list[str], object]]:
    """Return, for each invariant, the SQL that violates it and the expected key of the row."""
    filing = whole.amended.standing_filing
    assert filing is not None
    document = filing.draft.documents.order_by("pk")[0]
    first = whole.receipt.filing_id
    amended, selected, completed = whole.amended, whole.selected, whole.completed
    number = filing.receipt.number
    this = f"id = {filing.pk}"
    its = f"filing_id = {filing.pk}"
    row = f"id = {amended.pk}"
    arrived = f"id = {whole.arrived.pk}"
    return {
        "an_erased_file_keeps_no_text": (
            [
                (
                    "INSERT INTO privacy_erasure (kind, submission_id, outcome, files)"  # noqa: S608 -- constant SQL
                    " SELECT 'FILE', id, '', '{}' FROM submissions_submission WHERE " + row
                )
            ],
            amended.public_id,
        ),
        "an_erasure_is_in_the_journal": (
            [
                (
                    "INSERT INTO privacy_erasure (kind, account_id, outcome, files)"  # noqa: S608 -- constant SQL
                    f" VALUES ('ACCOUNT', {amended.candidate_id}, '', '{{}}')"
                )
            ],
            amended.candidate.public_id,
        ),
        "a_journal_entry_is_of_the_past": (
            [
                copied(
                    "journal_entry",
                    f"action = 'SUBMISSION_AMEND' AND subject_id = '{amended.public_id}'",
                    id="77000",
                    at="at + interval '1 day'",
                    seal="'k.' || repeat('a', 22) || '.' || repeat('0', 64)",
                )
            ],
            77000,
        ),
        "a_delivery_is_asked_for_once": (
            [
                drop_unique("outbox_delivery", "kind", "key"),
                copied("outbox_delivery", f"id = {whole.sent.pk}", public_id=NEW_UUID),
            ],
            f"RECEIPT_MAIL {whole.sent.key}",
        ),
        "a_delivery_sends_one_mail": (
            [
                drop_unique("outbox_message", "delivery_id"),
                copied("outbox_message", f"delivery_id = {whole.sent.pk}", message_id="'<other@mail>'"),
            ],
            whole.sent.public_id,
        ),
        "a_delivery_that_is_done_sent_its_mail": (
            [update("outbox_message", "sent_at = NULL", f"delivery_id = {whole.sent.pk}")],
            whole.sent.public_id,
        ),
        "no_delivery_is_given_up": (
            [update("outbox_delivery", "state = 'DEAD', done_at = NULL", f"id = {whole.sent.pk}")],
            whole.sent.public_id,
        ),
        "a_seal_is_the_digest_of_what_it_holds": (
            [update("dossiers_seal", "canonical = canonical || ' '", f"id = {filing.seal_id}")],
            filing.seal.digest,
        ),
        "a_filing_commits_within_a_minute_of_closing": (
            [
                # As if the last migration's transaction had written it, and the offer had closed days before.
                update(
                    "submissions_filing",
                    "transaction = (SELECT max(xmin::text::bigint) FROM django_migrations)",
                    this,
                ),
                "ALTER TABLE offers_offer DISABLE TRIGGER USER",
                update("offers_offer", "closes_at = now() - interval '5 days'", f"id = {whole.offer.pk}"),
            ],
            f"filing {filing.pk}",
        ),
        "an_arrival_commits_within_a_minute_of_closing": (
            [
                update(
                    "submissions_arrival",
                    "transaction = (SELECT max(xmin::text::bigint) FROM django_migrations)",
                    arrived,
                ),
                "ALTER TABLE offers_offer DISABLE TRIGGER USER",
                update("offers_offer", "closes_at = now() - interval '5 days'", f"id = {whole.offer.pk}"),
            ],
            f"arrival {whole.arrived.pk}",
        ),
        "an_arrival_is_before_closing": (
            [update("submissions_arrival", f"arrived_at = '{whole.offer.closes_at.isoformat()}'", arrived)],
            f"arrival {whole.arrived.pk}",
        ),
        "an_arrival_has_its_filing_or_its_reason": (
            [update("submissions_arrival", "state = 'FILED', settled_at = now()", arrived)],
            f"arrival {whole.arrived.pk}",
        ),
        "a_filing_is_received_as_it_arrived": (
            [update("submissions_filing", f"arrival_id = {whole.arrived.pk}", this)],
            f"filing {filing.pk}",
        ),
        "a_filing_is_received_before_closing": (
            [
                update(
                    "submissions_filing",
                    f"received_at = '{whole.offer.closes_at.isoformat()}'",
                    this,
                )
            ],
            f"filing {filing.pk}",
        ),
        "filings_of_a_submission_are_numbered_without_a_gap": (
            [update("submissions_filing", "sequence = 3", this)],
            amended.public_id,
        ),
        "a_filing_replaces_the_one_before_it": (
            [
                drop("submissions_filing", "a_later_filing_names_the_one_it_replaces"),
                update("submissions_filing", "replaces_id = NULL", this),
            ],
            f"filing {filing.pk}",
        ),
        "a_submission_stands_on_its_last_filing": (
            [update("submissions_submission", f"standing_filing_id = {first}", f"{row}")],
            amended.public_id,
        ),
        "a_filed_draft_is_closed_and_its_own_submissions": (
            [update("submissions_draft", "closed_at = NULL", f"id = {filing.draft_id}")],
            f"filing {filing.pk}",
        ),
        "a_filed_document_is_joined_of_its_files": (
            [
                update(
                    "submissions_draftdocument",
                    "joined = 'WANTED', revision = gen_random_uuid()",
                    f"id = {document.pk}",
                )
            ],
            f"document {document.pk}",
        ),
        "a_submission_has_one_open_draft_at_most": (
            [
                drop_unique("submissions_draft", "submission_id"),
                copied("submissions_draft", f"submission_id = {whole.drafted.pk}"),
            ],
            whole.drafted.public_id,
        ),
        "a_filing_keeps_the_documents_that_its_seal_names": (
            [
                delete(
                    "submissions_fileddocument",
                    f"id = {filing.documents.order_by('pk')[0].pk}",
                )
            ],
            f"filing {filing.pk}",
        ),
        "a_filing_has_its_receipt": (
            [delete("submissions_receipt", its)],
            f"filing {filing.pk}",
        ),
        "a_filing_has_one_receipt_alone": (
            [
                drop_unique("submissions_receipt", "filing_id"),
                copied("submissions_receipt", its, number=f"'{whole.offer.number}-000999-A'"),
            ],
            f"filing {filing.pk}",
        ),
        "a_receipt_number_is_given_once": (
            [
                drop_unique("submissions_receipt", "number"),
                update("submissions_receipt", f"number = '{whole.receipt.number}'", its),
            ],
            whole.receipt.number,
        ),
        "a_receipt_number_ends_with_its_check_letter": (
            [
                update(
                    "submissions_receipt",
                    "number = left(number, -1) || CASE right(number, 1) WHEN 'A' THEN 'B' ELSE 'A' END",
                    its,
                )
            ],
            number[:-1] + ("B" if number[-1] == "A" else "A"),
        ),
        "a_receipt_number_begins_with_its_offers": (
            [update("submissions_receipt", "number = 'X' || number", its)],
            f"X{number}",
        ),
        "a_filing_has_its_verdict": (
            [delete("submissions_verdict", its)],
            f"filing {filing.pk}",
        ),
        "a_verdict_says_what_was_sealed": (
            [update("submissions_verdict", "facts_digest = 'sha256:0'", its)],
            f"filing {filing.pk}",
        ),
        "a_filing_under_reserve_has_its_request": (
            [delete("submissions_reviewrequest")],
            f"filing {whole.reserved.standing_filing_id}",
        ),
        "a_dossier_bears_the_number_of_its_receipt": (
            [update("dossiers_dossier", "number = 'X'")],
            "X",
        ),
        "a_signed_receipt_says_what_its_filing_says": (
            [update("dossiers_signedreceipt", "code = '0000-0000-0000'")],
            whole.signed.number,
        ),
        "only_a_draft_stands_without_a_filing": (
            [
                drop("submissions_submission", "only_a_draft_stands_without_a_filing"),
                update("submissions_submission", "state = 'SUBMITTED'", f"id = {whole.drafted.pk}"),
            ],
            whole.drafted.public_id,
        ),
        "a_submission_is_where_its_last_move_led": (
            [update("submissions_submission", "state = 'DECLINED'", f"{row}")],
            amended.public_id,
        ),
        "each_filing_is_a_move": (
            [delete("submissions_transition", f"submission_id = {amended.pk} AND action = 'FILE'")],
            amended.public_id,
        ),
        "each_applied_account_change_is_in_the_journal": (
            [delete("journal_entry", "action = 'ACCOUNT_CHANGE_APPLIED'")],
            f"CLOSING {whole.closing.pk}",
        ),
        "each_move_is_in_the_journal": (
            [delete("journal_entry", f"action = 'SUBMISSION_AMEND' AND subject_id = '{amended.public_id}'")],
            f"{amended.public_id} AMEND",
        ),
        "a_submission_says_what_its_filing_says": (
            [update("submissions_submission", "filed_outcome = ''", f"{row}")],
            amended.public_id,
        ),
        "a_settled_reserve_stands_on_its_rulings": (
            [update("submissions_submission", "reserve = 'LIFTED'", f"id = {whole.reserved.pk}")],
            whole.reserved.public_id,
        ),
        "a_person_has_one_submission_per_offer": (
            [
                drop_unique("submissions_submission", "offer_id", "candidate_id"),
                copied("submissions_submission", f"id = {whole.drafted.pk}", public_id=NEW_UUID),
            ],
            f"offer {whole.offer.pk} person {whole.drafted.candidate_id}",
        ),
        "a_person_is_selected_once": (
            [
                drop_unique("submissions_submission", "candidate_id"),
                update(
                    "submissions_submission",
                    f"offer_id = {whole.other.pk}, candidate_id = {selected.candidate_id}, state = 'SELECTED'",
                    f"{row}",
                ),
            ],
            f"person {selected.candidate_id}",
        ),
        "completed_stages_are_in_the_register": (
            [delete("register_participation")],
            f"programme {whole.offer.programme_id} year {whole.offer.starts_on.year}",
        ),
        "a_selected_file_has_every_finding_confirmed": (
            [
                update(
                    "review_evidence",
                    "outcome = 'CONTRADICTED'",
                    f"filing_id = {completed.standing_filing_id} AND position = 0",
                )
            ],
            completed.public_id,
        ),
        "a_frozen_shortlist_has_all_its_rows": (
            [delete("review_shortlistrow", "rank = 1")],
            f"shortlist {whole.shortlist.pk}",
        ),
        "a_frozen_shortlist_is_the_digest_of_its_rows": (
            [update("review_shortlistrow", "score = 3.999", "score IS NOT NULL")],
            f"shortlist {whole.shortlist.pk}",
        ),
        "a_batch_that_was_sent_decided_on_everybody": (
            [
                update(
                    "review_decisionitem", "state = 'OPEN', done_at = NULL", f"submission_id = {selected.pk}"
                )
            ],
            f"batch {whole.batch.pk}",
        ),
        "an_incomplete_file_has_its_open_complement_request": (
            [
                update(
                    "submissions_complementrequest",
                    "ended_at = now(), ending = 'RESUMED'",
                    f"submission_id = {whole.incomplete.pk}",
                )
            ],
            whole.incomplete.public_id,
        ),
        "an_open_complement_request_is_of_the_filing_that_stands": (
            [
                update(
                    "submissions_complementrequest",
                    f"filing_id = {first}",
                    f"submission_id = {whole.incomplete.pk}",
                )
            ],
            f"complement {whole.incomplete.complements.get().pk}",
        ),
        "a_complement_request_asks_for_something": (
            [delete("submissions_complementdocument")],
            f"complement {whole.answered.complements.get().pk}",
        ),
        "a_filing_says_which_complement_it_answers": (
            [
                update(
                    "submissions_complementrequest",
                    "words = 'autre chose'",
                    f"submission_id = {whole.answered.pk}",
                )
            ],
            f"filing {whole.answered.standing_filing_id}",
        ),
        "a_leaf_of_the_log_has_its_receipt": (
            [update("transparency_leaf", "number = 'nobody'", f"number = '{number}'")],
            "nobody",
        ),
        "a_leaf_of_the_log_says_what_its_filing_says": (
            [
                update(
                    "submissions_filing",
                    "received_at = received_at - interval '1 microsecond'",
                    this,
                )
            ],
            number,
        ),
        "a_published_root_leaves_no_receipt_out": (
            [
                delete("transparency_leaf", f"number = '{number}'"),
                update("transparency_root", "published_at = published_at + interval '1 hour'"),
            ],
            number,
        ),
        "a_receipt_has_its_mail": (
            [delete("outbox_delivery", f"kind = 'RECEIPT_MAIL' AND key = '{number}'")],
            number,
        ),
        "a_receipt_has_its_dossier_asked_for": (
            [delete("outbox_delivery", f"kind = 'DOSSIER' AND key = '{number}'")],
            number,
        ),
        "a_receipt_has_its_pdf_or_it_is_asked_for": (
            [delete("outbox_delivery", f"kind LIKE 'RECEIPT_PDF%' AND key = '{number}'")],
            number,
        ),
    }
