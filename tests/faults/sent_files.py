"""A document that a candidate sends, and what its page tells them until it is inspected."""

import hashlib
import http.client
import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from tests.factories.files import pdf_bytes, picture_bytes
from tests.faults.http_client import Answer, ask
from tests.faults.people import TOKEN, Person

type Told = Literal["", "added", "refused"]
type Meanwhile = Callable[[], object]

PAUSE_SECONDS: Final = 0.1
LONGEST_PAUSE_SECONDS: Final = 1.0
"""Between two looks at a page that waits: each takes the CPU of the web server that the worker needs."""
TOLD_SECONDS: Final = 60
"""Time within which a candidate is told what became of a file: a killed worker's lease ends after 5 s."""
_REFUSED: Final = re.compile(r"<title>\s*Erreur")


@dataclass(frozen=True, slots=True)
class SentFile:
    """One file that the portal answered for: its public id, empty if the draft had it already; what it said then."""

    public_id: str
    told: Told
    seconds: float
    """From the first request to what it said."""


def short_file() -> bytes:
    """Return a document that is inspected in 0.2 s."""
    return pdf_bytes(1)


@cache
def long_file() -> bytes:
    """Return a document that is inspected in about a second: a picture of 24 megapixels."""
    return picture_bytes("PNG", size=(6000, 4000))


def digest_of(content: bytes) -> str:
    """Return what the portal calls the digest of a received file."""
    return hashlib.sha256(content).hexdigest()


def send_document(
    person: Person, content: bytes, *, seconds: float = TOLD_SECONDS, meanwhile: Meanwhile = lambda: None
) -> list[SentFile]:
    """Send a file, and again after no answer or a refusal, until it is the draft's document; return those answered.

    `meanwhile` is called before each request. Ends after `seconds` at the latest.
    """
    began, sent = time.monotonic(), list[SentFile]()
    while time.monotonic() < began + seconds and not (sent and sent[-1].told == "added"):
        meanwhile()
        answer = _post(person, content)
        if answer is None or not answer.location.startswith(person.documents):
            time.sleep(PAUSE_SECONDS)
            continue
        _path, _mark, public_id = answer.location.partition("?suivi=")
        told: Told = "added"  # this file, before: the answer leads to the documents
        if public_id:
            told = _follow(person, answer.location, until=began + seconds, meanwhile=meanwhile)
        sent.append(SentFile(public_id, told, time.monotonic() - began))
    return sent


def version_read_by(
    person: Person, *, seconds: float = TOLD_SECONDS, meanwhile: Meanwhile = lambda: None
) -> str:
    """Return the version of the draft that the filing page shows; empty if it shows none within `seconds`."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        meanwhile()
        answer = _get(person, person.path)
        page = _get(person, answer.location) if answer and answer.location else answer
        found = re.search(r'name="seen" value="([0-9-]+)"', page.body.decode()) if page else None
        if found:
            return found[1]
        time.sleep(PAUSE_SECONDS)
    return ""


def _follow(person: Person, page: str, *, until: float, meanwhile: Meanwhile) -> Told:
    """Open the page of the file again and again, as it does by itself, until it says what became of the file."""
    pause = PAUSE_SECONDS
    while time.monotonic() < until:
        meanwhile()
        answer = _get(person, page)
        if (
            answer is not None
            and answer.status == http.HTTPStatus.FOUND
            and answer.location.startswith(person.documents)
        ):
            return "added"
        if (
            answer is not None
            and answer.status == http.HTTPStatus.OK
            and _REFUSED.search(answer.body.decode())
        ):
            return "refused"
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
    return ""


def _post(person: Person, content: bytes) -> Answer | None:
    file = SimpleUploadedFile("piece.pdf", content, "application/pdf")
    body = encode_multipart(BOUNDARY, {"file": file, "seen": "", "csrfmiddlewaretoken": TOKEN})
    with suppress(OSError, http.client.HTTPException):
        address = ("127.0.0.1", person.port)
        return ask(address, "POST", person.document, person.cookies, body, form=MULTIPART_CONTENT)
    return None


def _get(person: Person, path: str) -> Answer | None:
    with suppress(OSError, http.client.HTTPException):
        return ask(("127.0.0.1", person.port), "GET", path, person.cookies)
    return None
