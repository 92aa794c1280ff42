"""All steps of a candidate over HTTP: start, save, add files, read, file, amend; returns the steps that went wrong."""

import re
import time
from dataclasses import dataclass
from datetime import timedelta
from http.cookies import SimpleCookie
from typing import Final
from urllib.parse import urlencode

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import reverse

from intake.accounts.models import User
from intake.devtools.deadline_drill.candidates import TOKEN, cookies_of
from intake.submissions.models import Draft, PendingUpload, Receipt, Submission
from intake.web.sessions import SessionStore
from offers.models import DocumentRequest, Offer
from tests.factories.files import pdf_bytes
from tests.factories.people import make_staff, make_user, mark_checked
from tests.factories.submissions import ALL_DECLARATIONS, complete_answers, make_draft, make_filing
from tests.faults.http_client import Answer, ask

type Address = tuple[str, int]
INSPECTED_SECONDS: Final = 60
LASTING: Final = timedelta(days=30)
"""Duration of a session that outlasts any wrong clock."""


class Browser:
    """Client of one user who is signed in."""

    def __init__(self, address: Address, person: User) -> None:
        self.address, self.person = address, person
        self.cookies = cookies_of(person, lasting=LASTING)

    def read(self, name: str, *about: object) -> Answer:
        """GET a page."""
        return ask(self.address, "GET", reverse(f"submissions:{name}", args=about), self.cookies)

    def send(self, name: str, *about: object, **fields: str) -> Answer:
        """POST a form."""
        path = reverse(f"submissions:{name}", args=about)
        return ask(
            self.address, "POST", path, self.cookies, urlencode(fields | {"csrfmiddlewaretoken": TOKEN})
        )

    def send_file(self, name: str, *about: object, content: bytes = b"") -> Answer:
        """POST a file."""
        file = SimpleUploadedFile("piece.pdf", content or pdf_bytes(1), "application/pdf")
        body = encode_multipart(BOUNDARY, {"file": file, "csrfmiddlewaretoken": TOKEN})
        path = reverse(f"submissions:{name}", args=about)
        return ask(self.address, "POST", path, self.cookies, body, form=MULTIPART_CONTENT)


def run_full_journey(address: Address, offer: Offer) -> list[str]:
    """Run all steps on an open offer; return those with a wrong result."""
    wrong: list[str] = []

    def expect(step: str, *, holds: bool) -> None:
        wrong.extend([] if holds else [step])

    browser = Browser(address, make_user())
    begun = browser.send("start", offer.number, accepts_notice="on")
    submission = Submission.objects.filter(offer=offer, candidate=browser.person).first()
    if begun.status != 302 or submission is None:
        return ["start"]
    place, draft = submission.public_id, submission.drafts.get()
    saved = browser.send("section", place, "statut", legal_status="CITIZEN")
    draft.refresh_from_db()
    expect("save", holds=saved.status == 302 and draft.answers.get("legal_status") == "CITIZEN")
    for asked in offer.documents.filter(required=True):
        added = browser.send_file("document", place, asked.pk)
        expect("add", holds=added.status == 302 and _is_added(draft, asked))
    Draft.objects.filter(pk=draft.pk).update(answers=complete_answers(offer))
    page = browser.read("review", place).body.decode()
    seen = re.search(r'name="seen" value="([0-9-]+)"', page)
    expect("read", holds=seen is not None)
    fields = dict.fromkeys(ALL_DECLARATIONS, "on") | {"seen": seen[1] if seen else ""}
    filed = browser.send("file", place, **fields)
    receipt = Receipt.objects.filter(filing__draft=draft).first()
    expect("file", holds=filed.location.endswith("/accuse/") and receipt is not None)
    browser.send("amend", place)
    amendment = submission.drafts.filter(closed_at=None).first()
    expect("amend", holds=amendment is not None)
    changed = browser.send("section", place, "statut", legal_status="PERMANENT_RESIDENT")
    expect("save the amendment", holds=changed.status == 302)
    return wrong


def _is_added(draft: Draft, asked: DocumentRequest) -> bool:
    """Wait until a worker has inspected the file; return whether it is the draft's document."""
    ends = time.monotonic() + INSPECTED_SECONDS
    while draft.pending_uploads.filter(state=PendingUpload.State.RECEIVED).exists():
        if time.monotonic() > ends:
            return False
        time.sleep(0.2)
    return draft.documents.filter(request=asked).exists()


@dataclass(frozen=True, slots=True)
class Stopped:
    """A draft and a filing on an offer that is about to close."""

    offer: Offer
    draft: Draft
    filed: Submission


def prepare_before_closing(offer: Offer) -> Stopped:
    """Start an application on an open offer, and file another."""
    return Stopped(offer, make_draft(offer=offer), make_filing(offer=offer).filing.submission)


def allowed_steps(address: Address, stopped: Stopped) -> list[str]:
    """Try every step on an offer that accepts none; return the steps that were accepted."""
    wrong: list[str] = []
    offer, draft, filed = stopped.offer, stopped.draft, stopped.filed
    newcomer = Browser(address, make_user())
    begun = newcomer.send("start", offer.number, accepts_notice="on")
    if begun.status != 409 or Submission.objects.filter(offer=offer, candidate=newcomer.person).exists():
        wrong.append("start")
    browser, place = Browser(address, draft.submission.candidate), draft.submission.public_id
    held = list(draft.documents.order_by("pk").values_list("upload", flat=True))
    browser.send("section", place, "statut", legal_status="PERMANENT_RESIDENT")
    for asked in offer.documents.filter(required=True):
        browser.send_file("document", place, asked.pk)
        browser.send("document_remove", place, asked.pk)
    fresh = Draft.objects.get(pk=draft.pk)
    if fresh.version != draft.version:
        wrong.append("save")
    if list(draft.documents.order_by("pk").values_list("upload", flat=True)) != held:
        wrong.append("add")
    if 'name="seen"' in browser.read("review", place).body.decode():
        wrong.append("read")
    Browser(address, filed.candidate).send("amend", filed.public_id)
    if filed.drafts.filter(closed_at=None).exists():
        wrong.append("amend")
    return wrong


def extend_by_a_day(address: Address, offer: Offer) -> Answer:
    """As staff, extend the offer to the same hour of the day after its closing day."""
    day = offer.closes_at.astimezone(offer.zone).date() + timedelta(days=1)
    form = {"closes_on": day.isoformat(), "reason": "Panne.", "csrfmiddlewaretoken": TOKEN}
    path = reverse("admin:offers_offer_extend", args=[offer.pk])
    return ask(address, "POST", path, _staff_cookies(), urlencode(form))


def _staff_cookies() -> str:
    """Return the cookies of a session of staff in which the second factor was checked."""
    staff = make_staff()
    cookies = cookies_of(staff, lasting=LASTING)
    session = SessionStore(SimpleCookie(cookies)[settings.SESSION_COOKIE_NAME].value)
    mark_checked(session, staff)
    session.save()
    return cookies
