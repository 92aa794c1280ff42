"""Each invariant is broken by the owner's SQL, its constraints taken away where they would refuse, and seen by name."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from intake.operations.invariants import (
    CHECK_INVARIANT,
    CHECK_INVARIANTS,
    FILES,
    INVARIANTS,
    InvariantViolatedError,
    invariants_hold,
)
from intake.outbox import periodic
from intake.outbox.models import Delivery
from intake.outbox.policy import MAX_ATTEMPTS
from intake.outbox.tasks import deliver
from intake.transparency.services import append_leaves, publish_root
from tests.factories.whole import Whole, make_whole

_ROOMS = {"submissions", "dossiers", "outbox", "review", "register", "journal", "transparency"}


pytestmark = pytest.mark.django_db


@pytest.fixture
def whole() -> Whole:
    """Everything; from now on no row defends itself."""
    made = make_whole()
    append_leaves()
    publish_root()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in connection.introspection.table_names(cursor):
            if table.split("_")[0] in _ROOMS:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    return made


@contextmanager
def undone() -> Iterator[None]:
    """Let go of whatever is broken within."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def run(*statements: str, **values: Any) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, values or None)


def _let_repeat(*columns: str) -> str:
    """Return what takes away the rule that no two rows of a table, the first word, are the same in its other words."""
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
    """  # noqa: S608 -- all of it is written below


def _update(table: str, change: str, where: str = "TRUE") -> str:
    return f"UPDATE {table} SET {change} WHERE {where}"  # noqa: S608 -- all of it is written below


def _delete(table: str, where: str = "TRUE") -> str:
    return f"DELETE FROM {table} WHERE {where}"  # noqa: S608 -- same


def _drop(table: str, constraint: str) -> str:
    return f"ALTER TABLE {table} DROP CONSTRAINT {constraint}"


def _copied(table: str, where: str, **changes: str) -> str:
    """Return what inserts once more the row of `table` that `where` names, with `changes`."""
    with connection.cursor() as cursor:
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
    return f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {table} WHERE {where}"  # noqa: S608 -- same


NEW_UUID = "gen_random_uuid()"


def broken(whole: Whole) -> dict[str, tuple[list[str], object]]:
    """Return, for each invariant, the SQL that breaks it and how the broken row is named."""
    filing = whole.amended.standing_filing
    assert filing is not None
    first = whole.receipt.filing_id
    amended, selected, completed = whole.amended, whole.selected, whole.completed
    number = filing.receipt.number
    this = f"id = {filing.pk}"
    its = f"filing_id = {filing.pk}"
    row = f"id = {amended.pk}"
    return {
        "a_journal_entry_is_of_the_past": (
            [
                _copied(
                    "journal_entry",
                    f"action = 'SUBMISSION_AMEND' AND subject_id = '{amended.public_id}'",
                    id="77000",
                    at="at + interval '1 day'",
                )
            ],
            77000,
        ),
        "a_delivery_is_asked_for_once": (
            [
                _let_repeat("outbox_delivery", "kind", "key"),
                _copied("outbox_delivery", f"id = {whole.sent.pk}", public_id=NEW_UUID),
            ],
            f"RECEIPT_MAIL {whole.sent.key}",
        ),
        "a_delivery_sends_one_mail": (
            [
                _let_repeat("outbox_message", "delivery_id"),
                _copied("outbox_message", f"delivery_id = {whole.sent.pk}", message_id="'<other@mail>'"),
            ],
            whole.sent.public_id,
        ),
        "a_delivery_that_is_done_sent_its_mail": (
            [_update("outbox_message", "sent_at = NULL", f"delivery_id = {whole.sent.pk}")],
            whole.sent.public_id,
        ),
        "no_delivery_is_given_up": (
            [_update("outbox_delivery", "state = 'DEAD', done_at = NULL", f"id = {whole.sent.pk}")],
            whole.sent.public_id,
        ),
        "a_seal_is_the_digest_of_what_it_holds": (
            [_update("dossiers_seal", "canonical = canonical || ' '", f"id = {filing.seal_id}")],
            filing.seal.digest,
        ),
        "a_filing_is_received_before_closing": (
            [
                _update(
                    "submissions_filing",
                    f"received_at = '{whole.offer.closes_at.isoformat()}'",
                    this,
                )
            ],
            f"filing {filing.pk}",
        ),
        "filings_of_a_submission_are_numbered_without_a_gap": (
            [_update("submissions_filing", "sequence = 3", this)],
            amended.public_id,
        ),
        "a_filing_replaces_the_one_before_it": (
            [
                _drop("submissions_filing", "a_later_filing_names_the_one_it_replaces"),
                _update("submissions_filing", "replaces_id = NULL", this),
            ],
            f"filing {filing.pk}",
        ),
        "a_submission_stands_on_its_last_filing": (
            [_update("submissions_submission", f"standing_filing_id = {first}", f"{row}")],
            amended.public_id,
        ),
        "a_filed_draft_is_closed_and_its_own_submissions": (
            [_update("submissions_draft", "closed_at = NULL", f"id = {filing.draft_id}")],
            f"filing {filing.pk}",
        ),
        "a_submission_has_one_open_draft_at_most": (
            [
                _let_repeat("submissions_draft", "submission_id"),
                _copied("submissions_draft", f"submission_id = {whole.drafted.pk}"),
            ],
            whole.drafted.public_id,
        ),
        "a_filing_keeps_the_documents_that_its_seal_names": (
            [
                _delete(
                    "submissions_fileddocument",
                    f"id = {filing.documents.order_by('pk')[0].pk}",
                )
            ],
            f"filing {filing.pk}",
        ),
        "a_filing_has_its_receipt": (
            [_delete("submissions_receipt", its)],
            f"filing {filing.pk}",
        ),
        "a_filing_has_one_receipt_alone": (
            [
                _let_repeat("submissions_receipt", "filing_id"),
                _copied("submissions_receipt", its, number=f"'{whole.offer.number}-000999-A'"),
            ],
            f"filing {filing.pk}",
        ),
        "a_receipt_number_is_given_once": (
            [
                _let_repeat("submissions_receipt", "number"),
                _update("submissions_receipt", f"number = '{whole.receipt.number}'", its),
            ],
            whole.receipt.number,
        ),
        "a_receipt_number_ends_with_its_check_letter": (
            [
                _update(
                    "submissions_receipt",
                    "number = left(number, -1) || CASE right(number, 1) WHEN 'A' THEN 'B' ELSE 'A' END",
                    its,
                )
            ],
            number[:-1] + ("B" if number[-1] == "A" else "A"),
        ),
        "a_receipt_number_begins_with_its_offers": (
            [_update("submissions_receipt", "number = 'X' || number", its)],
            f"X{number}",
        ),
        "a_filing_has_its_verdict": (
            [_delete("submissions_verdict", its)],
            f"filing {filing.pk}",
        ),
        "a_verdict_says_what_was_sealed": (
            [_update("submissions_verdict", "facts_digest = 'sha256:0'", its)],
            f"filing {filing.pk}",
        ),
        "a_filing_under_reserve_has_its_request": (
            [_delete("submissions_reviewrequest")],
            f"filing {whole.reserved.standing_filing_id}",
        ),
        "a_dossier_bears_the_number_of_its_receipt": (
            [_update("dossiers_dossier", "number = 'X'")],
            "X",
        ),
        "a_signed_receipt_says_what_its_filing_says": (
            [_update("dossiers_signedreceipt", "code = '0000-0000-0000'")],
            whole.signed.number,
        ),
        "only_a_draft_stands_without_a_filing": (
            [
                _drop("submissions_submission", "only_a_draft_stands_without_a_filing"),
                _update("submissions_submission", "state = 'SUBMITTED'", f"id = {whole.drafted.pk}"),
            ],
            whole.drafted.public_id,
        ),
        "a_submission_is_where_its_last_move_led": (
            [_update("submissions_submission", "state = 'DECLINED'", f"{row}")],
            amended.public_id,
        ),
        "each_filing_is_a_move": (
            [_delete("submissions_transition", f"submission_id = {amended.pk} AND action = 'FILE'")],
            amended.public_id,
        ),
        "each_move_is_in_the_journal": (
            [_delete("journal_entry", f"action = 'SUBMISSION_AMEND' AND subject_id = '{amended.public_id}'")],
            f"{amended.public_id} AMEND",
        ),
        "a_submission_says_what_its_filing_says": (
            [_update("submissions_submission", "filed_outcome = ''", f"{row}")],
            amended.public_id,
        ),
        "a_person_has_one_submission_per_offer": (
            [
                _let_repeat("submissions_submission", "offer_id", "candidate_id"),
                _copied("submissions_submission", f"id = {whole.drafted.pk}", public_id=NEW_UUID),
            ],
            f"offer {whole.offer.pk} person {whole.drafted.candidate_id}",
        ),
        "a_person_is_selected_once": (
            [
                _let_repeat("submissions_submission", "candidate_id"),
                _update(
                    "submissions_submission",
                    f"offer_id = {whole.other.pk}, candidate_id = {selected.candidate_id}, state = 'SELECTED'",
                    f"{row}",
                ),
            ],
            f"person {selected.candidate_id}",
        ),
        "completed_stages_are_in_the_register": (
            [_delete("register_participation")],
            f"programme {whole.offer.programme_id} year {whole.offer.starts_on.year}",
        ),
        "a_selected_file_has_every_finding_confirmed": (
            [
                _update(
                    "review_evidence",
                    "outcome = 'CONTRADICTED'",
                    f"filing_id = {completed.standing_filing_id} AND position = 0",
                )
            ],
            completed.public_id,
        ),
        "a_frozen_shortlist_has_all_its_rows": (
            [_delete("review_shortlistrow", "rank = 1")],
            f"shortlist {whole.shortlist.pk}",
        ),
        "a_frozen_shortlist_is_the_digest_of_its_rows": (
            [_update("review_shortlistrow", "score = 3.999", "score IS NOT NULL")],
            f"shortlist {whole.shortlist.pk}",
        ),
        "a_batch_that_was_sent_decided_on_everybody": (
            [
                _update(
                    "review_decisionitem", "state = 'OPEN', done_at = NULL", f"submission_id = {selected.pk}"
                )
            ],
            f"batch {whole.batch.pk}",
        ),
        "an_incomplete_file_has_its_open_complement_request": (
            [
                _update(
                    "submissions_complementrequest",
                    "ended_at = now(), ending = 'RESUMED'",
                    f"submission_id = {whole.incomplete.pk}",
                )
            ],
            whole.incomplete.public_id,
        ),
        "an_open_complement_request_is_of_the_filing_that_stands": (
            [
                _update(
                    "submissions_complementrequest",
                    f"filing_id = {first}",
                    f"submission_id = {whole.incomplete.pk}",
                )
            ],
            f"complement {whole.incomplete.complements.get().pk}",
        ),
        "a_complement_request_asks_for_something": (
            [_delete("submissions_complementdocument")],
            f"complement {whole.answered.complements.get().pk}",
        ),
        "a_filing_says_which_complement_it_answers": (
            [
                _update(
                    "submissions_complementrequest",
                    "words = 'autre chose'",
                    f"submission_id = {whole.answered.pk}",
                )
            ],
            f"filing {whole.answered.standing_filing_id}",
        ),
        "a_leaf_of_the_log_has_its_receipt": (
            [_update("transparency_leaf", "number = 'nobody'", f"number = '{number}'")],
            "nobody",
        ),
        "a_leaf_of_the_log_says_what_its_filing_says": (
            [
                _update(
                    "submissions_filing",
                    "received_at = received_at - interval '1 microsecond'",
                    this,
                )
            ],
            number,
        ),
        "a_published_root_leaves_no_receipt_out": (
            [
                _delete("transparency_leaf", f"number = '{number}'"),
                _update("transparency_root", "published_at = published_at + interval '1 hour'"),
            ],
            number,
        ),
        "a_receipt_has_its_mail": (
            [_delete("outbox_delivery", f"kind = 'RECEIPT_MAIL' AND key = '{number}'")],
            number,
        ),
        "a_receipt_has_its_dossier_asked_for": (
            [_delete("outbox_delivery", f"kind = 'DOSSIER' AND key = '{number}'")],
            number,
        ),
        "a_receipt_has_its_pdf_or_it_is_asked_for": (
            [_delete("outbox_delivery", f"kind LIKE 'RECEIPT_PDF%' AND key = '{number}'")],
            number,
        ),
    }


def check(*options: str) -> tuple[int, dict[str, Any]]:
    said, status = StringIO(), 0
    try:
        call_command("check_invariants", *options, stdout=said, stderr=StringIO())
    except SystemExit as ended:
        status = int(ended.code or 0)
    return status, json.loads(said.getvalue())


def test_what_the_portal_does_breaks_nothing_and_what_breaks_an_invariant_is_named(whole: Whole) -> None:
    assert check("--files") == (0, {"checked": len(INVARIANTS) + len(FILES), "violations": []})
    ways = broken(whole)
    assert ways.keys() == {invariant.name for invariant in INVARIANTS}
    unseen = {}
    for name, (statements, row) in ways.items():
        with undone():
            run(*statements)
            status, said = check()
        if status != 1 or {"invariant": name, "id": str(row)} not in said["violations"]:
            unseen[name] = said
    assert unseen == {}


def test_whatever_a_signed_receipt_says_otherwise_than_its_filing_is_seen(whole: Whole) -> None:
    name = "a_signed_receipt_says_what_its_filing_says"
    for member, other in (
        ("number", f'"{whole.receipt.number}"'),
        ("seal", '"sha256:0"'),
        ("received_at", '"2020-01-01T00:00:00Z"'),
        ("sequence", "2"),
        ("replaces", '"2020-001-000001-A"'),
    ):
        with undone():
            changed = f"jsonb_set(twin::jsonb, '{{receipt,{member}}}', '{other}')::text"
            run(_update("dossiers_signedreceipt", f"twin = {changed}"))
            assert {"invariant": name, "id": whole.signed.number} in check()[1]["violations"], member
    with undone():
        run(_update("dossiers_signedreceipt", f"seal_id = {whole.dossier.seal_id}"))
        assert {"invariant": name, "id": whole.signed.number} in check()[1]["violations"]


def test_the_file_of_a_signed_receipt_is_read_too(whole: Whole) -> None:
    broken_file = {"invariant": "a_receipt_file_is_the_one_made", "id": whole.signed.number}
    storage, name = whole.signed.file.storage, str(whole.signed.file.name)
    content = storage.open(name).read()
    storage.delete(name)
    assert check("--files") == (1, {"checked": len(INVARIANTS) + len(FILES), "violations": [broken_file]})
    storage.save(name, ContentFile(content + b"\n"))
    assert check("--files")[1]["violations"] == [broken_file]
    with undone():
        run(_update("dossiers_seal", "canonical = NULL, salt = NULL", f"id = {whole.signed.seal_id}"))
        assert (
            broken_file not in check("--files")[1]["violations"]
        )  # a person was erased, and the file with them


def test_a_check_that_was_given_up_breaks_nothing_itself(whole: Whole) -> None:
    run(_update("outbox_delivery", "state = 'DEAD', done_at = NULL", f"id = {whole.sent.pk}"))
    periodic.post_due(at=timezone.now())
    deliver(Delivery.objects.get(kind=CHECK_INVARIANTS).pk)
    of_this = Delivery.objects.get(kind=CHECK_INVARIANT, subject_id="no_delivery_is_given_up")
    Delivery.objects.filter(pk=of_this.pk).update(attempts=MAX_ATTEMPTS - 1)
    deliver(of_this.pk)
    of_this.refresh_from_db()
    assert of_this.state == "DEAD"
    # A person did what was given up; the check that said so is still there to be read.
    run(_update("outbox_delivery", "state = 'DONE', done_at = now()", f"id = {whole.sent.pk}"))
    assert check()[1]["violations"] == []


def test_a_stored_file_that_changed_or_is_gone_is_named(whole: Whole) -> None:
    filing = whole.amended.standing_filing
    assert filing is not None
    upload = filing.documents.order_by("pk")[0].upload
    for name, file, row in (
        ("an_uploaded_file_is_the_one_accepted", upload.original, str(upload.public_id)),
        ("an_uploaded_file_is_the_one_accepted", upload.file, str(upload.public_id)),
        ("a_dossier_file_is_the_one_made", whole.dossier.file, whole.dossier.number),
    ):
        storage, stored = file.storage, str(file.name)
        with storage.open(stored) as kept:
            content = kept.read()
        for found in (None, content[:-1] + b"?"):
            storage.delete(stored)
            if found is not None:
                storage.save(stored, ContentFile(found))
            assert check("--files")[1]["violations"] == [{"invariant": name, "id": row}]
            assert check()[0] == 0, "files are read when that is asked"
        storage.delete(stored)
        storage.save(stored, ContentFile(content))


def test_the_command_lists_what_it_asks() -> None:
    said = StringIO()
    call_command("check_invariants", "--list", stdout=said)
    assert said.getvalue().split() == [invariant.name for invariant in INVARIANTS]


# -- Once a day ------------------------------------------------------------------------------------------------
def test_each_is_asked_daily_by_a_job_of_its_own_and_said_aloud(
    whole: Whole, caplog: pytest.LogCaptureFixture
) -> None:
    assert max(len(invariant.name) for invariant in INVARIANTS) <= 64, "a delivery's subject is no longer"
    assert invariants_hold() is None
    periodic.post_due(at=timezone.now())
    deliver(Delivery.objects.get(kind=CHECK_INVARIANTS).pk)
    jobs = Delivery.objects.filter(kind=CHECK_INVARIANT)
    assert {job.subject_id for job in jobs} == {invariant.name for invariant in INVARIANTS}
    assert invariants_hold() is None, "they were only asked for"

    run(_update("outbox_message", "sent_at = NULL", f"delivery_id = {whole.sent.pk}"))
    for job in jobs.order_by("pk"):
        deliver(job.pk)
    [broken_one] = jobs.exclude(state="DONE")
    assert broken_one.subject_id == "a_delivery_that_is_done_sent_its_mail"
    assert InvariantViolatedError.code in broken_one.last_error
    assert invariants_hold() is False
    assert f"is broken by {whole.sent.public_id} and 0 more" in caplog.text

    jobs.filter(pk=broken_one.pk).update(last_error="django.db.utils.OperationalError")
    assert invariants_hold() is None, "nobody knows"
    run(_update("outbox_message", "sent_at = now()", f"delivery_id = {whole.sent.pk}"))
    jobs.filter(pk=broken_one.pk).update(due_at=timezone.now())
    deliver(broken_one.pk)
    assert invariants_hold() is True
