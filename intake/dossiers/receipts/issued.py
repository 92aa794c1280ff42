"""Find a receipt's statement in the portal's records: signed receipts first, then filings."""

from collections.abc import Callable

from intake.dossiers.models import RemadeReceipt, SignedReceipt

from .receipt_file import statement_of_json_receipt
from .statement import ReceiptStatement

type Lookup = Callable[[str], ReceiptStatement | None]

_lookups: list[Lookup] = []


def register_receipt_lookup(lookup: Lookup) -> None:
    """Register a lookup of receipts whose PDF is not generated yet. Called by `intake.wiring`.

    `lookup(number)` returns the statement of the receipt with that number, or None.
    """
    if lookup not in _lookups:
        _lookups.append(lookup)


def find_by_number_and_code(*, number: str, code: str) -> ReceiptStatement | None:
    """Return the statement of the receipt with this `number` and grouped `code`. None if no receipt has both.

    A wrong code and an unknown number give the same result.
    """
    facts = statement_of(number)
    return facts if facts is not None and facts.code == code else None


def find_by_code(code: str) -> ReceiptStatement | None:
    """Return the statement of the signed receipt with this grouped `code`. None if there is none yet."""
    signed = SignedReceipt.objects.filter(code=code).first()
    return statement_of_json_receipt(signed.twin) if signed is not None else None


def find_by_file_digest(sha256: str) -> SignedReceipt | None:
    """Return the signed receipt with a PDF of this hexadecimal digest: the first PDF or a regenerated one."""
    signed = SignedReceipt.objects.filter(sha256=sha256).first()
    if signed is not None:
        return signed
    again = RemadeReceipt.objects.select_related("receipt").filter(sha256=sha256).first()
    return again.receipt if again is not None else None


def statement_of(number: str) -> ReceiptStatement | None:
    """Return the statement of the receipt with this number, or None."""
    signed = SignedReceipt.objects.filter(number=number).first()
    if signed is not None:
        return statement_of_json_receipt(signed.twin)
    for lookup in _lookups:
        facts = lookup(number)
        if facts is not None:
            return facts
    return None
