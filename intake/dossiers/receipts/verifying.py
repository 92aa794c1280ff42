"""Is this receipt genuine? A file or a code, held against the portal's keys and its records."""

import hashlib
import logging
import threading
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from intake.dossiers.models import SignedReceipt
from intake.signing.own import known_keys

from .facts import ReceiptFacts
from .issued import facts_of, issued_as, issued_under, made_as
from .reading import (
    MOST_BYTES,
    NotReadError,
    Problem,
    Reading,
    TooLargeError,
    read_receipt,
    twin_facts,
    twin_signature,
)

logger = logging.getLogger(__name__)

_AT_ONCE: Final = 2
_turns = threading.BoundedSemaphore(_AT_ONCE)
"""PDFs read at once by one web process: the other threads go on answering."""
_PATIENCE: Final = 5  # seconds waited for a turn


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
    facts: ReceiptFacts | None = None
    problem: Problem | None = None


def verify_code(*, code: str, number: str = "") -> Answer:
    """Say whether the portal gave out a receipt under `code` and, if it is given, `number`; both are read as written.

    A wrong code and a number that does not exist are answered alike.
    """
    facts = issued_under(number=number, code=code) if number else issued_as(code)
    return Answer(Outcome.UNKNOWN) if facts is None else Answer(Outcome.AUTHENTIC, facts=facts)


def verify_file(content: bytes) -> Answer:
    """Say whether the portal made this file, byte for byte; of a JSON twin, whether it gave out facts and signature.

    A file that is good by its signature and that no record knows is not authentic: its key may be stolen.

    :raises TooLargeError: it is too large to be a receipt.
    :raises NotReadError: it took too long to read, or too many others are being read.
    """
    if len(content) > MOST_BYTES:
        raise TooLargeError
    made = made_as(hashlib.sha256(content).hexdigest())
    if made is not None:
        return Answer(Outcome.AUTHENTIC, facts=twin_facts(made.twin))
    reading = _read(content)
    if reading.facts is None:
        wrong = reading.problem is Problem.NOT_A_RECEIPT
        return Answer(Outcome.WRONG_FILE if wrong else Outcome.ALTERED, problem=reading.problem)
    if reading.signature:
        answer = _as_recorded(reading.facts, reading.signature)
        if answer is not None:
            return answer
    logger.error("a receipt signed by key %s was never given out by the portal", reading.key_id)
    return Answer(Outcome.UNKNOWN)


def _as_recorded(facts: ReceiptFacts, signature: bytes) -> Answer | None:
    """Say what the records do of a twin that is good by itself; None if they know of none such."""
    if facts_of(facts.number) != facts:
        return None
    made = SignedReceipt.objects.filter(number=facts.number).first()
    given = twin_signature(made.twin) if made is not None else signature
    # Another one was signed by who has the key: the form that needs none is not read as a signature at all.
    return Answer(Outcome.AUTHENTIC, facts=facts) if signature == given else None


def _read(content: bytes) -> Reading:
    if not _turns.acquire(timeout=_PATIENCE):
        raise NotReadError
    try:
        return read_receipt(content, known_keys())
    finally:
        _turns.release()
