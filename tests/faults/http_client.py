"""One click on the button that files, over HTTP, and its answer."""

import http.client
import re
import socket
from dataclasses import dataclass

from intake.devtools.deadline_drill.candidates import ReadyCandidate

ANSWER_SECONDS = 60
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, location, body and date of an answer."""

    status: int
    location: str
    body: bytes
    date: str


def click(address: tuple[str, int], person: ReadyCandidate) -> Answer:
    """Click once, over a new connection."""
    return ask(address, "POST", person.path, person.cookies, person.form)


def click_without_waiting(address: tuple[str, int], person: ReadyCandidate) -> None:
    """Click once and disconnect before the answer."""
    with socket.create_connection(address, timeout=ANSWER_SECONDS) as left:
        left.sendall(
            f"POST {person.path} HTTP/1.1\r\nHost: {address[0]}:{address[1]}\r\nCookie: {person.cookies}\r\n"
            f"Content-Type: {_FORM}\r\nContent-Length: {len(person.form)}\r\n\r\n{person.form}".encode()
        )


def ask(
    address: tuple[str, int],
    method: str,
    path: str,
    cookies: str,
    body: str | bytes | None = None,
    *,
    form: str = _FORM,
) -> Answer:
    """Send one request; `form` is the media type of the body."""
    connection = http.client.HTTPConnection(*address, timeout=ANSWER_SECONDS)
    try:
        headers = {"Cookie": cookies, "Connection": "close"} | ({"Content-Type": form} if body else {})
        connection.request(method, path, body=body, headers=headers)
        response = connection.getresponse()
        return Answer(
            response.status,
            response.headers.get("Location", ""),
            response.read(),
            response.headers.get("Date", ""),
        )
    finally:
        connection.close()


def receipt_number_in(page: bytes) -> str:
    """Return the receipt number that a page shows."""
    found = re.search(r"T-\d+-\d{6,}-[A-Z]", page.decode())
    return found.group() if found else ""
