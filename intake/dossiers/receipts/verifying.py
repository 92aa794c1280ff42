"""Verify a receipt file or a verification code against the portal's keys and records."""

import hashlib
import logging
import threading
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from intake.dossiers.models import SignedReceipt
from intake.signing.services import known_keys

from .issued import find_by_code, find_by_file_digest, find_by_number_and_code, statement_of
from .receipt_file import (
    MAX_BYTES,
    Problem,
    ReceiptFile,
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
    facts = find_by_number_and_code(number=number, code=code) if number else find_by_code(code)
    return Answer(Outcome.UNKNOWN) if facts is None else Answer(Outcome.AUTHENTIC, facts=facts)


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
    reading = _read_with_slot(content)
    if reading.facts is None:
        wrong = reading.problem is Problem.NOT_A_RECEIPT
        return Answer(Outcome.WRONG_FILE if wrong else Outcome.ALTERED, problem=reading.problem)
    if reading.signature:
        answer = _answer_from_records(reading.facts, reading.signature)
        if answer is not None:
            return answer
    logger.error("a receipt signed by key %s was never given out by the portal", reading.key_id)
    return Answer(Outcome.UNKNOWN)


def _answer_from_records(facts: ReceiptStatement, signature: bytes) -> Answer | None:
    """Return AUTHENTIC if the records have this statement and signature of a JSON receipt, else None."""
    if statement_of(facts.number) != facts:
        return None
    made = SignedReceipt.objects.filter(number=facts.number).first()
    given = signature_of_json_receipt(made.twin) if made is not None else signature
    # Another valid signature needs the key: the high-s form, which can be derived without it, is already refused.
    return Answer(Outcome.AUTHENTIC, facts=facts) if signature == given else None


def _read_with_slot(content: bytes) -> ReceiptFile:
    if not _slots.acquire(timeout=_WAIT_SECONDS):
        raise UnreadableReceiptError
    try:
        return read_receipt(content, known_keys())
    finally:
        _slots.release()
