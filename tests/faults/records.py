"""Checks of the portal's records by the harness: rows after every kill, signed receipts and public log at the end."""

from collections.abc import Iterable
from pathlib import Path

from django.db import OperationalError, connection

from intake.dossiers.child import receipt_reader
from intake.dossiers.models import SignedReceipt
from intake.dossiers.receipts.receipt_file import read_json_receipt
from intake.dossiers.receipts.statement import InvalidStatementError, ReceiptStatement
from intake.operations.invariants import INVARIANTS
from intake.outbox.selectors import database_instant
from intake.signing.keys import KeySet
from intake.signing.services import known_keys
from intake.submissions.models import Receipt
from intake.submissions.receipts.queries import statement_of
from intake.transparency.auditing import audit_log


def broken_rows() -> list[str]:
    """Return every violated invariant of rows, with the row that violates it; nothing while the database starts.

    Each concerns rows of one transaction, so that it holds at any instant; invariants of files do not.
    """
    try:
        return [f"{rule.name} ({row})" for rule in INVARIANTS for row in rule.violations()]
    except OperationalError:
        connection.close()
        return []


def broken_receipts() -> list[str]:
    """Return the faults of the signed receipts: each filing has one, and its PDF and JSON match the filing.

    Every file is verified with the portal's public keys, as any reader could. Call it when no delivery is under way.
    """
    keys = known_keys()
    signed = {row.number: row for row in SignedReceipt.objects.order_by("pk")}
    receipts = Receipt.objects.select_related("filing__seal", "filing__replaces__receipt").order_by("pk")
    found = [f"stray: {name} belongs to no receipt" for name in _unreferenced_files(signed.values())]
    for receipt in receipts:
        row = signed.pop(receipt.number, None)
        problem = "is not made" if row is None else _problem(row, statement_of(receipt), keys)
        if problem:
            found.append(f"receipt: {receipt.number} {problem}")
    return found + [f"receipt: {number} was signed and never filed" for number in signed]


def broken_log() -> list[str]:
    """Return the faults of the public log, computed again from the receipts."""
    audit = audit_log(keys=known_keys(), at=database_instant())
    return [f"log: {fault.row} {fault.kind}" for fault in audit.faults]


def _problem(row: SignedReceipt, facts: ReceiptStatement, keys: KeySet) -> str:
    """Return the fault of one signed receipt, or an empty text."""
    try:
        with row.file.storage.open(str(row.file.name), "rb") as file:
            content = file.read()
    except FileNotFoundError:
        return "has no file"
    # In this process: the files are the portal's own, and a child for each would take as long as the kills.
    read = receipt_reader.read(content, keys)
    if "problem" in read:
        return f"has a PDF that is {read['problem']}"
    twin = read_json_receipt(row.twin.encode(), keys)
    try:
        drawn = ReceiptStatement.parse(read["facts"])
    except InvalidStatementError:
        return "has a PDF without facts"
    if drawn != facts:
        return "has a PDF that says something else"
    return "" if twin.facts == facts else f"has a JSON twin that is {twin.problem or 'of something else'}"


def _unreferenced_files(signed: Iterable[SignedReceipt]) -> list[str]:
    """Return the files that no row names: a file that a kill left is replaced when the receipt is generated again."""
    storage = SignedReceipt._meta.get_field("file").storage
    try:
        _folders, kept = storage.listdir("receipts")
    except FileNotFoundError:
        return []
    return sorted(set(kept) - {Path(str(row.file.name)).name for row in signed})
