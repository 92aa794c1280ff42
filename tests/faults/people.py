"""Candidates whose drafts are ready to be filed, and their clicks."""

import http.client
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse

from intake.accounts.models import User
from intake.submissions.filing.form_version import VERSION_FIELD, form_version_of
from tests.factories.people import client_of
from tests.factories.submissions import ALL_DECLARATIONS, make_draft, make_open_offer

ANSWER_SECONDS = 20
TOKEN = "a" * 32
UNANSWERED = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer to one click: the status (0: no answer), where it leads, and the seconds it took."""

    status: int
    is_receipt: bool
    is_arrival: bool
    """It arrived, and is to be filed: the page that is answered, or where it leads, goes on to the receipt."""
    seconds: float


@dataclass(frozen=True, slots=True)
class Person:
    """One candidate who is signed in and ready to file, once they have sent the file of `document` if there is one."""

    port: int
    draft_id: int
    email: str
    path: str
    cookies: str
    seen: str
    documents: str = ""
    """Path of the draft's documents."""
    document: str = ""
    """Path of the document that the candidate is to send; empty if the draft has all of them."""

    def file(self, *, timeout: float = ANSWER_SECONDS) -> Answer:
        """Click on the button once."""
        fields = dict.fromkeys(ALL_DECLARATIONS, "on") | {
            VERSION_FIELD: self.seen,
            "csrfmiddlewaretoken": TOKEN,
        }
        status, location, seconds = ask(
            self.port, "POST", self.path, cookies=self.cookies, body=urlencode(fields), timeout=timeout
        )
        leads = status == http.HTTPStatus.FOUND
        is_arrival = status == http.HTTPStatus.ACCEPTED or (leads and location.endswith("/arrivee/"))
        return Answer(status, leads and location.endswith("/accuse/"), is_arrival, seconds)

    def insist(self, *, seconds: float = 60, meanwhile: Callable[[], object] = lambda: None) -> Answer:
        """Click until there is a receipt, for at most `seconds`; call `meanwhile` before each click."""
        ends = time.monotonic() + seconds
        while True:
            meanwhile()
            answer = self.file()
            if answer.is_receipt or answer.is_arrival or time.monotonic() > ends:
                return answer
            time.sleep(0.2)


def ask(
    port: int, method: str, path: str, *, cookies: str = "", body: str = "", timeout: float = ANSWER_SECONDS
) -> tuple[int, str, float]:
    """Send one request over a new connection; return status (0 without an answer), `Location` and seconds."""
    headers = {"Connection": "close", "Cookie": cookies}
    if body:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    began = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request(method, path, body=body or None, headers=headers)
        response = connection.getresponse()
        response.read()
        return response.status, response.headers.get("Location", ""), time.monotonic() - began
    except (OSError, http.client.HTTPException):
        return UNANSWERED, "", time.monotonic() - began
    finally:
        connection.close()


class Crowd:
    """Creates candidates one after the other, on an offer that requests one document."""

    def __init__(self, port: int, *, prefix: str = "faute") -> None:
        self.port = port
        self._prefix = prefix
        self._count = 0
        self.offer = make_open_offer()
        self.asked = self.offer.documents.order_by("position")[0]
        self.offer.documents.exclude(pk=self.asked.pk).update(required=False)

    def next(self, *, sends: bool = False) -> Person:
        """Return one more candidate; with `sends`, one who is still to send the requested document."""
        self._count += 1
        user = User.objects.create_user(f"{self._prefix}-{self._count}@exemple.invalid")
        draft = make_draft(offer=self.offer, candidate=user, documents=not sends)
        place = draft.submission.public_id
        session = client_of(user).cookies[settings.SESSION_COOKIE_NAME].value
        return Person(
            port=self.port,
            draft_id=draft.pk,
            email=user.email,
            path=reverse("submissions:file", args=[place]),
            cookies=f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={TOKEN}",
            seen=str(form_version_of(draft)),
            documents=reverse("submissions:documents", args=[place]),
            document=reverse("submissions:document", args=[place, self.asked.pk]) if sends else "",
        )
