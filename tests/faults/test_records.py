"""The checks of `records` find faults in the portal's records."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from intake.dossiers.models import SignedReceipt
from intake.dossiers.receipts import building
from intake.journal.invariants import Invariant
from intake.outbox.models import Delivery
from intake.submissions.delivery_kinds import RECEIPT_PDF
from intake.submissions.models import Receipt
from intake.submissions.receipts.operations import make_receipt
from intake.transparency.models import Leaf
from intake.transparency.services import append_leaves, publish_root
from tests.database_roles import as_owner
from tests.factories import receipts
from tests.factories.submissions import make_filing
from tests.faults.records import broken_log, broken_receipts, broken_rows

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    """Delete the files of earlier tests: the storage is in memory, and outlives a test."""
    for name in default_storage.listdir("receipts")[1] if default_storage.exists("receipts") else []:
        default_storage.delete(f"receipts/{name}")


def _make(receipt: Receipt) -> str:
    """Generate the signed receipt, as the worker does; return the name of its file."""
    make_receipt(Delivery.objects.get(kind=RECEIPT_PDF, key=receipt.number), timezone.now())
    return str(SignedReceipt.objects.get(number=receipt.number).file.name)


def test_a_missing_or_damaged_receipt_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("intake.dossiers.render.WALL_SECONDS", 300)  # long: the machine may be busy
    receipt = make_filing()
    assert broken_receipts() == [f"receipt: {receipt.number} is not made"]
    name = _make(receipt)
    assert broken_receipts() == []
    with default_storage.open(name, "rb") as file:
        content = file.read()
    with default_storage.open(name, "wb") as file:
        file.write(content[:-1] + b" ")
    assert broken_receipts() == [f"receipt: {receipt.number} has a PDF that is BYTES"]
    default_storage.delete(name)
    default_storage.save("receipts/T-001-999999-Z.pdf", ContentFile(content))
    assert broken_receipts() == [
        "stray: T-001-999999-Z.pdf belongs to no receipt",
        f"receipt: {receipt.number} has no file",
    ]


def test_a_receipt_with_another_statement_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "render_receipt", lambda *_args, **_options: receipts.drawn())
    receipt = make_filing()
    _make(receipt)
    assert broken_receipts() == [f"receipt: {receipt.number} has a PDF that says something else"]


def test_a_log_without_its_last_root_is_accepted_and_a_changed_leaf_found() -> None:
    make_filing()
    assert append_leaves() == 1
    assert broken_log() == []  # after a kill here, the next job publishes the root
    publish_root()
    assert broken_log() == []
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {Leaf._meta.db_table} DISABLE TRIGGER USER")
        cursor.execute(f"UPDATE {Leaf._meta.db_table} SET text = text || ' '")  # noqa: S608 -- our own table's name
        cursor.execute(f"ALTER TABLE {Leaf._meta.db_table} ENABLE TRIGGER USER")
    assert broken_log()[0].startswith("log: leaf 0 ")


def test_a_row_that_breaks_an_invariant_is_found_between_two_kills(monkeypatch: pytest.MonkeyPatch) -> None:
    receipt = make_filing()
    assert broken_rows() == []  # though no delivery is done yet
    rule = Invariant("no_receipt", "SELECT number FROM submissions_receipt")
    monkeypatch.setattr("tests.faults.records.INVARIANTS", (rule,))
    assert broken_rows() == [f"no_receipt ({receipt.number})"]
