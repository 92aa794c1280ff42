"""`verify_audit` and `verify_dossiers` with a row of every kind: each changed row is named."""

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
from tests.database_roles import as_owner
from tests.factories.everything import Everything, make_everything
from tests.factories.submissions import make_filing, make_open_offer

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
"""Changes a sealed payload and recomputes its digest."""


@pytest.fixture
def whole() -> Everything:
    """A row of every kind, with the triggers disabled."""
    made = make_everything()
    _let_rows_be_changed()
    return made


def _let_rows_be_changed() -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")


@contextmanager
def broken(statement: str, *values: object) -> Iterator[None]:
    """Run the owner's SQL for the block, and roll it back afterwards."""
    with transaction.atomic():
        with as_owner(), connection.cursor() as cursor:
            cursor.execute(statement.format(*values))
        yield
        transaction.set_rollback(True)


@contextmanager
def changed(file: FieldFile) -> Iterator[None]:
    """Change the last byte of a stored file inside the block."""
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


def last_filing(whole: Everything) -> Filing:
    filing = whole.amended.standing_filing
    assert filing is not None
    return filing


def differs(command: str) -> tuple[str, str, str] | None:
    status, said = run(command)
    assert status == (said["differs"] is not None)
    found = said["differs"]
    return found and (found["table"], found["id"], found["reason"])


def test_verify_audit_checks_every_row_and_names_a_changed_one(whole: Everything, tmp_path: Path) -> None:
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


@pytest.fixture
def filings() -> list[Filing]:
    """Two filings to one offer, with the triggers disabled."""
    offer = make_open_offer()
    made = [make_filing(offer=offer).filing for _time in range(2)]
    _let_rows_be_changed()
    return made


def test_the_audit_compares_outcomes_of_findings_and_not_their_texts(filings: list[Filing]) -> None:
    filing = filings[1]
    filing.seal.refresh_from_db()
    otherwise = ("submissions_verdict", str(filing.verdict.pk), "JUDGED_OTHERWISE")
    for before, after, found in (
        ('"kind":"SKILLS"', '"kind":"OTHER"', otherwise),
        ('"effect":"BLOCK","kind":"SKILLS"', '"effect":"ADVISE","kind":"SKILLS"', otherwise),
        ('"outcome":"MET"', '"outcome":"HUMAN"', otherwise),
        ('"reason_fr":"', '"reason_fr":"Dit autrement : ', None),
        ('"observed":{"attests_skills":true}', '"observed":{"attests_skills":false}', None),
    ):
        assert before in (filing.seal.canonical or ""), "there is something to change"
        with broken(RESEALED, f"replace(canonical, $${before}$$, $${after}$$)", filing.seal_id):
            assert differs("verify_audit") == found, after


def test_a_verdict_with_another_digest_of_rules_or_facts_is_reported(filings: list[Filing]) -> None:
    verdict = filings[1].verdict.pk
    for digest in ("rulebook_digest", "facts_digest"):
        with broken("UPDATE submissions_verdict SET {0} = repeat('0', 64) WHERE id = {1}", digest, verdict):
            assert differs("verify_audit") == ("submissions_verdict", str(verdict), "ROW")


def test_only_the_first_differing_row_is_reported(filings: list[Filing]) -> None:
    first = filings[0]
    with broken("UPDATE dossiers_seal SET canonical = canonical || ' '"):
        assert differs("verify_audit") == ("dossiers_seal", str(first.seal_id), "DIGEST")
        assert run("verify_audit")[1]["seals"]["checked"] == 1
        assert differs("verify_dossiers") == ("dossiers_seal", str(first.seal_id), "DIGEST")
        assert run("verify_dossiers")[1]["checked"] == 1
    with broken("UPDATE submissions_verdict SET outcome = 'NEEDS_REVIEW'"):
        assert differs("verify_audit") == ("submissions_verdict", str(first.verdict.pk), "ROW")
        assert run("verify_audit")[1]["verdicts"]["checked"] == 1


def test_anonymised_rows_are_counted_and_no_fault(whole: Everything) -> None:
    with broken(
        "UPDATE dossiers_seal SET canonical = NULL, salt = NULL WHERE id = {0}", last_filing(whole).seal_id
    ):
        status, said = run("verify_audit")
        assert (status, said["seals"]["anonymised"], said["verdicts"]["anonymised"]) == (0, 1, 1)
        status, said = run("verify_dossiers")
        assert (status, said["anonymised"]) == (0, 1)


def test_verify_audit_refuses_an_invalid_earlier_output(tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    for text in ("{}", "no JSON", '{"journal": {"heads": [1]}}'):
        other.write_text(text)
        with pytest.raises(CommandError) as refused:
            call_command("verify_audit", "--since", str(other))
        assert refused.value.returncode == 2


def test_verify_dossiers_checks_the_files_of_each_seal(whole: Everything) -> None:
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
