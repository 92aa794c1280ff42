"""`verify_audit` and `verify_dossiers` on a portal that holds one of everything: each change of one row is named."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models.fields.files import FieldFile

from intake.journal.models import Entry
from intake.submissions.models import FiledDocument, Filing
from tests.factories.whole import Whole, make_whole

pytestmark = pytest.mark.django_db

TABLES = (
    *("journal_entry", "journal_link", "dossiers_seal"),
    *("submissions_verdict", "submissions_fileddocument", "submissions_filing"),
)
RESEALED = """
UPDATE dossiers_seal SET canonical = {0} WHERE id = {1};
UPDATE dossiers_seal SET digest = 'sha256:'
    || encode(sha256(decode(salt, 'hex') || convert_to(canonical, 'UTF8')), 'hex') WHERE id = {1}
"""
"""Whoever changes what is sealed, and its digest with it."""


@pytest.fixture
def whole() -> Whole:
    """Everything; from now on no row defends itself."""
    made = make_whole()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    return made


@contextmanager
def broken(statement: str, *values: object) -> Iterator[None]:
    """Let the owner's SQL break something, and let go of it afterwards."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(statement.format(*values))
        yield
        transaction.set_rollback(True)


@contextmanager
def changed(file: FieldFile) -> Iterator[None]:
    """Let the last byte of a stored file be another one."""
    storage, name = file.storage, str(file.name)
    with storage.open(name) as stored:
        content = stored.read()
    for bytes_now in (content[:-1] + b"?", content):
        storage.delete(name)
        storage.save(name, ContentFile(bytes_now))
        if bytes_now != content:
            yield


def run(command: str, *options: str) -> tuple[int, dict[str, Any]]:
    said, status = StringIO(), 0
    try:
        call_command(command, *options, stdout=said, stderr=StringIO())
    except SystemExit as ended:
        status = int(ended.code or 0)
    return status, json.loads(said.getvalue())


def last_filing(whole: Whole) -> Filing:
    filing = whole.amended.standing_filing
    assert filing is not None
    return filing


def differs(command: str) -> tuple[str, str, str] | None:
    status, said = run(command)
    assert status == (said["differs"] is not None)
    found = said["differs"]
    return found and (found["table"], found["id"], found["reason"])


def test_verify_audit_reads_everything_and_names_what_differs(whole: Whole, tmp_path: Path) -> None:
    filing = last_filing(whole)
    status, said = run("verify_audit")
    filings = Filing.objects.count()
    assert (status, said["differs"]) == (0, None)
    assert said["seals"] == said["verdicts"] == {"checked": filings, "anonymised": 0}
    assert said["journal"]["checked"] == said["journal"]["heads"][0][1]

    kept = tmp_path / "audit.json"
    kept.write_text(json.dumps(said))
    assert run("verify_audit", "--since", str(kept))[0] == 0

    verdict, seal, entry = filing.verdict.pk, filing.seal_id, Entry.objects.order_by("pk")[0].pk
    for statement, values, named in (
        ("UPDATE journal_entry SET detail = 'x' WHERE id = {}", [entry], ("journal_entry", entry, "CONTENT")),
        (
            "UPDATE dossiers_seal SET canonical = canonical || ' ' WHERE id = {}",
            [seal],
            ("dossiers_seal", seal, "DIGEST"),
        ),
        (
            "UPDATE submissions_verdict SET outcome = 'NEEDS_REVIEW' WHERE id = {}",
            [verdict],
            ("submissions_verdict", verdict, "ROW"),
        ),
        (
            RESEALED,
            ["replace(canonical, 'CITIZEN', 'OTHER')", seal],
            ("submissions_verdict", verdict, "JUDGED_OTHERWISE"),
        ),
    ):
        with broken(statement, *values):
            table, row, reason = named
            assert differs("verify_audit") == (table, str(row), reason)


def test_what_was_anonymised_is_counted_and_no_fault(whole: Whole) -> None:
    with broken(
        "UPDATE dossiers_seal SET canonical = NULL, salt = NULL WHERE id = {0}", last_filing(whole).seal_id
    ):
        status, said = run("verify_audit")
        assert (status, said["seals"]["anonymised"], said["verdicts"]["anonymised"]) == (0, 1, 1)
        status, said = run("verify_dossiers")
        assert (status, said["anonymised"]) == (0, 1)


def test_verify_audit_refuses_what_it_did_not_print(tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    for text in ("{}", "no JSON", '{"journal": {"heads": [1]}}'):
        other.write_text(text)
        with pytest.raises(CommandError) as refused:
            call_command("verify_audit", "--since", str(other))
        assert refused.value.returncode == 2


def test_verify_dossiers_goes_from_each_seal_to_its_files(whole: Whole) -> None:
    filing = last_filing(whole)
    status, said = run("verify_dossiers")
    filings = Filing.objects.count()
    assert (status, said) == (
        0,
        {"checked": filings, "anonymised": 0, "not_made": filings - 1, "differs": None},
    )
    document = filing.documents.select_related("upload").order_by("pk")[0]
    upload = document.upload
    first_filed = FiledDocument.objects.filter(upload=upload).order_by("pk")[0]
    altered: list[tuple[Callable[[], Any], tuple[str, str, str]]] = [
        (
            lambda: broken("UPDATE dossiers_seal SET salt = repeat('0', 64) WHERE id = {0}", filing.seal_id),
            ("dossiers_seal", str(filing.seal_id), "DIGEST"),
        ),
        (
            lambda: broken(RESEALED, "'{}'", filing.seal_id),
            ("dossiers_seal", str(filing.seal_id), "UNREADABLE"),
        ),
        (
            lambda: broken("DELETE FROM submissions_fileddocument WHERE id = {0}", document.pk),
            ("submissions_filing", str(filing.pk), "DOCUMENTS"),
        ),
        (
            lambda: broken("UPDATE documents_upload SET sha256 = repeat('0', 64) WHERE id = {0}", upload.pk),
            ("submissions_fileddocument", str(first_filed.pk), "DIGEST"),
        ),
        (lambda: changed(upload.original), ("documents_upload", str(upload.pk), "FILE")),
        (lambda: changed(upload.file), ("documents_upload", str(upload.pk), "FILE")),
        (lambda: changed(whole.dossier.file), ("dossiers_dossier", str(whole.dossier.pk), "FILE")),
    ]
    for breaking, (table, row, reason) in altered:
        with breaking():
            found = differs("verify_dossiers")
        assert found == (table, row, reason)
    assert differs("verify_dossiers") is None
