"""Verify a receipt file or a verification code against the portal's keys and records: receipts, then filings."""

import hashlib
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import urlencode

from django.urls import reverse

from intake.dossiers.models import RemadeReceipt, SignedReceipt
from intake.signing.services import known_keys
from intake.web.mails import portal_url

from .receipt_file import (
    MAX_BYTES,
    Problem,
    TooLargeError,
    UnreadableReceiptError,
    read_receipt,
    signature_of_json_receipt,
    statement_of_json_receipt,
)
from .statement import ReceiptStatement

logger = logging.getLogger(__name__)

_MAX_CONCURRENT: Final = 2
_slots = threading.BoundedSemaphore(_MAX_CONCURRENT)
"""Maximum number of PDFs parsed concurrently per web process, so that other threads stay free."""
_WAIT_SECONDS: Final = 5  # wait for a free slot
type Lookup = Callable[[str], ReceiptStatement | None]
_lookups: list[Lookup] = []


class Outcome(StrEnum):
    """Result of a verification."""

    AUTHENTIC = "AUTHENTIC"
    ALTERED = "ALTERED"
    """A receipt that differs from what the portal generated."""
    UNKNOWN = "UNKNOWN"
    """The portal never issued it."""
    WRONG_FILE = "WRONG_FILE"
    """Not a receipt."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Result with its reason and, for an authentic receipt, its statement. No personal data."""

    outcome: Outcome
    facts: ReceiptStatement | None = None
    problem: Problem | None = None


def verify_code(*, code: str, number: str = "") -> Answer:
    """Return whether the portal issued a receipt with `code` (grouped) and, if given, `number`.

    A wrong code and an unknown number give the same answer.
    """
    facts = statement_of(number) if number else find_by_code(code)
    if facts is None or (number and facts.code != code):
        return Answer(Outcome.UNKNOWN)
    return Answer(Outcome.AUTHENTIC, facts=facts)


def verify_file(content: bytes) -> Answer:
    """Return whether the portal issued this file: a PDF byte for byte, or a JSON receipt's statement and signature.

    A file with a valid signature and without a record is not authentic: the key may be stolen.

    :raises TooLargeError: if the file has more than `MAX_BYTES`.
    :raises UnreadableReceiptError: if parsing exceeds its limits, or no slot becomes free within `_WAIT_SECONDS`.
    """
    if len(content) > MAX_BYTES:
        raise TooLargeError
    made = find_by_file_digest(hashlib.sha256(content).hexdigest())
    if made is not None:
        return Answer(Outcome.AUTHENTIC, facts=statement_of_json_receipt(made.twin))
    if not _slots.acquire(timeout=_WAIT_SECONDS):
        raise UnreadableReceiptError
    try:
        reading = read_receipt(content, known_keys())
    finally:
        _slots.release()
    if reading.facts is None:
        wrong = reading.problem is Problem.NOT_A_RECEIPT
        return Answer(Outcome.WRONG_FILE if wrong else Outcome.ALTERED, problem=reading.problem)
    if reading.signature and _is_recorded(reading.facts, reading.signature):
        return Answer(Outcome.AUTHENTIC, facts=reading.facts)
    logger.error("a receipt signed by key %s was never given out by the portal", reading.key_id)
    return Answer(Outcome.UNKNOWN)


def _is_recorded(facts: ReceiptStatement, signature: bytes) -> bool:
    """True if the records have this statement and signature of a JSON receipt."""
    if statement_of(facts.number) != facts:
        return False
    made = SignedReceipt.objects.filter(number=facts.number).first()
    # Another valid signature needs the key: the high-s form, which can be derived without it, is already refused.
    return made is None or signature_of_json_receipt(made.twin) == signature


def register_receipt_lookup(lookup: Lookup) -> None:
    """Register a lookup of receipts whose PDF is not generated yet. Called by `intake.wiring`.

    `lookup(number)` returns the statement of the receipt with that number, or None.
    """
    if lookup not in _lookups:
        _lookups.append(lookup)


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
    found = (lookup(number) for lookup in _lookups)
    return next((facts for facts in found if facts is not None), None)


def verifying_path(facts: ReceiptStatement) -> str:
    """Return the path of the public page that verifies this receipt. It contains number and code, and no name."""
    return f"{reverse('verifier:verify')}?{urlencode({'numero': facts.number, 'code': facts.code})}"


def verifying_address(facts: ReceiptStatement) -> str:
    """Return the absolute URL of `verifying_path`, for mails and QR codes."""
    return portal_url(verifying_path(facts))
