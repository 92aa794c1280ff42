"""Each invariant is violated by the owner's SQL, with constraints dropped where necessary, and reported by name."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from intake.journal.invariants import Invariant
from intake.operations import invariants
from intake.operations.invariants import (
    CHECK_INVARIANT,
    CHECK_INVARIANTS,
    INVARIANTS,
    InvariantViolatedError,
    checked_invariants,
    invariants_hold,
)
from intake.outbox import services
from intake.outbox.models import Delivery
from intake.outbox.policy import MAX_ATTEMPTS
from intake.outbox.tasks import deliver
from intake.transparency.services import append_leaves, publish_root
from tests.database_roles import as_owner
from tests.factories.everything import Everything, make_everything
from tests.operations.invariant_breakers import broken, run, update

_ROOMS = {
    *("submissions", "dossiers", "outbox", "review", "register", "journal", "transparency", "privacy"),
}


pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def kept_whole(module_db: None) -> Everything:
    """One of every kind of row, with the triggers of all tables disabled."""
    made = make_everything()
    append_leaves()
    publish_root()
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in connection.introspection.table_names(cursor):
            if table.split("_")[0] in _ROOMS:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    return made


@pytest.fixture
def whole(kept_whole: Everything) -> Everything:
    return deepcopy(kept_whole)


@contextmanager
def undone() -> Iterator[None]:
    """Roll back the violations made in the block."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def check(*options: str) -> tuple[int, dict[str, Any]]:
    said, status = StringIO(), 0
    try:
        call_command("check_invariants", *options, stdout=said, stderr=StringIO())
    except SystemExit as ended:
        status = int(ended.code or 0)
    return status, json.loads(said.getvalue())


def test_each_broken_invariant_is_reported_by_name(whole: Everything) -> None:
    assert check("--files") == (0, {"checked": len(checked_invariants(files=True)), "violations": []})
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


def test_an_invariant_without_its_server_setting_is_skipped_and_reported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    never = Invariant("a_thing_holds", "SELECT 'row'", setting="zero_damaged_pages")
    always = Invariant("another_thing_holds", "SELECT 'row'", setting="track_activities")
    monkeypatch.setattr(invariants, "INVARIANTS", (never, always))
    with pytest.raises(SystemExit):
        call_command("check_invariants")
    said = capsys.readouterr()
    assert json.loads(said.out) == {
        "checked": 1 + len(invariants.COMPUTED),
        "violations": [{"invariant": "another_thing_holds", "id": "row"}],
    }
    assert "a_thing_holds was not asked: zero_damaged_pages is off on this server" in said.err


def test_a_receipt_that_differs_from_its_filing_is_reported(whole: Everything) -> None:
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
            run(update("dossiers_signedreceipt", f"twin = {changed}"))
            assert {"invariant": name, "id": whole.signed.number} in check()[1]["violations"], member
    with undone():
        run(update("dossiers_signedreceipt", f"seal_id = {whole.dossier.seal_id}"))
        assert {"invariant": name, "id": whole.signed.number} in check()[1]["violations"]


def test_the_file_of_a_signed_receipt_is_checked_too(whole: Everything) -> None:
    broken_file = {"invariant": "a_receipt_file_is_the_one_made", "id": whole.signed.number}
    storage, name = whole.signed.file.storage, str(whole.signed.file.name)
    content = storage.open(name).read()
    storage.delete(name)
    assert check("--files") == (
        1,
        {"checked": len(checked_invariants(files=True)), "violations": [broken_file]},
    )
    storage.save(name, ContentFile(content + b"\n"))
    assert check("--files")[1]["violations"] == [broken_file]
    with undone():
        run(update("dossiers_seal", "canonical = NULL, salt = NULL", f"id = {whole.signed.seal_id}"))
        assert (
            broken_file not in check("--files")[1]["violations"]
        )  # the candidate's data were erased, and the file with them
    storage.delete(name)
    storage.save(name, ContentFile(content))  # the file belongs to the whole module


def test_a_dead_check_is_no_violation_itself(whole: Everything) -> None:
    run(update("outbox_delivery", "state = 'DEAD', done_at = NULL", f"id = {whole.sent.pk}"))
    services.post_due(at=timezone.now())
    deliver(Delivery.objects.get(kind=CHECK_INVARIANTS).pk)
    of_this = Delivery.objects.get(kind=CHECK_INVARIANT, subject_id="no_delivery_is_given_up")
    Delivery.objects.filter(pk=of_this.pk).update(attempts=MAX_ATTEMPTS - 1)
    deliver(of_this.pk)
    of_this.refresh_from_db()
    assert of_this.state == "DEAD"
    # Staff resolved the DEAD delivery; the check that reported it is still DEAD, and is no violation.
    run(update("outbox_delivery", "state = 'DONE', done_at = now()", f"id = {whole.sent.pk}"))
    assert check()[1]["violations"] == []


def test_a_changed_or_missing_stored_file_is_reported(whole: Everything) -> None:
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


def test_the_command_lists_its_invariants() -> None:
    said = StringIO()
    call_command("check_invariants", "--list", stdout=said)
    assert said.getvalue().split() == [invariant.name for invariant in checked_invariants()]


# -- Once a day ------------------------------------------------------------------------------------------------
def test_each_invariant_is_checked_daily_by_its_own_job_and_logged(
    whole: Everything, caplog: pytest.LogCaptureFixture
) -> None:
    assert max(len(invariant.name) for invariant in checked_invariants()) <= 64, (
        "a delivery's subject is no longer"
    )
    assert invariants_hold() is None
    services.post_due(at=timezone.now())
    deliver(Delivery.objects.get(kind=CHECK_INVARIANTS).pk)
    jobs = Delivery.objects.filter(kind=CHECK_INVARIANT)
    assert {job.subject_id for job in jobs} == {invariant.name for invariant in checked_invariants()}
    assert invariants_hold() is None, "they were only asked for"

    run(update("outbox_message", "sent_at = NULL", f"delivery_id = {whole.sent.pk}"))
    for job in jobs.order_by("pk"):
        deliver(job.pk)
    [broken_one] = jobs.exclude(state="DONE")
    assert broken_one.subject_id == "a_delivery_that_is_done_sent_its_mail"
    assert InvariantViolatedError.code in broken_one.last_error
    assert invariants_hold() is False
    assert f"is broken by {whole.sent.public_id} and 0 more" in caplog.text

    jobs.filter(pk=broken_one.pk).update(last_error="django.db.utils.OperationalError")
    assert invariants_hold() is None, "nobody knows"
    run(update("outbox_message", "sent_at = now()", f"delivery_id = {whole.sent.pk}"))
    jobs.filter(pk=broken_one.pk).update(due_at=timezone.now())
    deliver(broken_one.pk)
    assert invariants_hold() is True

    tomorrow = timezone.now() + timedelta(days=1)
    services.post_due(at=tomorrow)
    deliver(Delivery.objects.get(kind=CHECK_INVARIANTS, state="PENDING").pk, at=tomorrow)
    assert invariants_hold() is None, "those of the next day were only asked for"
