"""What the portal's own records say of a receipt: the signed ones first, then the filings themselves."""

from collections.abc import Callable

from intake.dossiers.models import RemadeReceipt, SignedReceipt

from .receipt_file import statement_of_json_receipt
from .statement import ReceiptStatement

type Lookup = Callable[[str], ReceiptStatement | None]

_lookups: list[Lookup] = []


def register_receipt_lookup(lookup: Lookup) -> None:
    """Let the room that keeps filings answer for receipts whose PDF is not made yet; called from `AppConfig.ready()`.

    `lookup(number)` returns the facts of the receipt of that number, or None.
    """
    if lookup not in _lookups:
        _lookups.append(lookup)


def find_by_number_and_code(*, number: str, code: str) -> ReceiptStatement | None:
    """Return the facts of the receipt of this `number` and `code`, grouped; None if they are not of one receipt.

    Nothing tells a wrong code from a number that does not exist.
    """
    facts = statement_of(number)
    return facts if facts is not None and facts.code == code else None


def find_by_code(code: str) -> ReceiptStatement | None:
    """Return the facts of the signed receipt that bears `code`, grouped; None if there is none, or not yet."""
    signed = SignedReceipt.objects.filter(code=code).first()
    return statement_of_json_receipt(signed.twin) if signed is not None else None


def find_by_file_digest(sha256: str) -> SignedReceipt | None:
    """Return the signed receipt of which a file of this digest, in hexadecimal, was made: the first, or one since."""
    signed = SignedReceipt.objects.filter(sha256=sha256).first()
    if signed is not None:
        return signed
    again = RemadeReceipt.objects.select_related("receipt").filter(sha256=sha256).first()
    return again.receipt if again is not None else None


def statement_of(number: str) -> ReceiptStatement | None:
    """Return the facts of the receipt of a number, or None."""
    signed = SignedReceipt.objects.filter(number=number).first()
    if signed is not None:
        return statement_of_json_receipt(signed.twin)
    for lookup in _lookups:
        facts = lookup(number)
        if facts is not None:
            return facts
    return None
