"""Is this receipt genuine? A file or a code, held against the portal's keys and its records."""

import hashlib
import logging
import threading
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from intake.dossiers.models import SignedReceipt
from intake.signing.signing_key import known_keys

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
"""PDFs read at once by one web process: the other threads go on answering."""
_WAIT_SECONDS: Final = 5  # seconds waited for a turn


class Outcome(StrEnum):
    """What the portal says of a receipt."""

    AUTHENTIC = "AUTHENTIC"
    ALTERED = "ALTERED"
    """It says that it is a receipt, and is not as the portal made it."""
    UNKNOWN = "UNKNOWN"
    """The portal never gave it out."""
    WRONG_FILE = "WRONG_FILE"
    """It is no receipt at all."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the portal says, why, and of an authentic receipt its facts: nothing personal."""

    outcome: Outcome
    facts: ReceiptStatement | None = None
    problem: Problem | None = None


def verify_code(*, code: str, number: str = "") -> Answer:
    """Say whether the portal gave out a receipt under `code` and, if it is given, `number`; both are read as written.

    A wrong code and a number that does not exist are answered alike.
    """
    facts = find_by_number_and_code(number=number, code=code) if number else find_by_code(code)
    return Answer(Outcome.UNKNOWN) if facts is None else Answer(Outcome.AUTHENTIC, facts=facts)


def verify_file(content: bytes) -> Answer:
    """Say whether the portal made this file, byte for byte; of a JSON twin, whether it gave out facts and signature.

    A file that is good by its signature and that no record knows is not authentic: its key may be stolen.

    :raises TooLargeError: it is too large to be a receipt.
    :raises NotReadError: it took too long to read, or too many others are being read.
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
    """Say what the records do of a twin that is good by itself; None if they know of none such."""
    if statement_of(facts.number) != facts:
        return None
    made = SignedReceipt.objects.filter(number=facts.number).first()
    given = signature_of_json_receipt(made.twin) if made is not None else signature
    # Another one was signed by who has the key: the form that needs none is not read as a signature at all.
    return Answer(Outcome.AUTHENTIC, facts=facts) if signature == given else None


def _read_with_slot(content: bytes) -> ReceiptFile:
    if not _slots.acquire(timeout=_WAIT_SECONDS):
        raise UnreadableReceiptError
    try:
        return read_receipt(content, known_keys())
    finally:
        _slots.release()
