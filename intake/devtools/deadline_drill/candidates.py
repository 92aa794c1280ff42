"""The offer of a drill and its candidates, each signed in with a complete draft, ready to file."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import transaction
from django.urls import reverse

from intake.accounts.models import User
from intake.accounts.services import open_account
from intake.devtools.demonstration.offers import CRITERIA, DOCUMENTS, SECTIONS, ZONE
from intake.devtools.synthetic.answers import ExpectedResult, draw_answers
from intake.devtools.synthetic.bulk_load import Batch, copy_rows
from intake.devtools.synthetic.people import DOMAIN, chance_of, draw_person
from intake.devtools.synthetic.service_steps import ALL_DECLARATIONS, copy_uploads, make_sample_upload
from intake.documents.models import Upload
from intake.profiles.models import NoticeAcceptance
from intake.submissions.drafts.collection_notice import COLLECTION
from intake.submissions.filing.form_version import VERSION_FIELD, form_version_of
from intake.submissions.models import Draft, DraftDocument
from intake.submissions.questions.sections import read_offer_questions
from offers.models import DocumentRequest, Offer
from offers.selectors import document_requests
from offers.services.creating import create_offer
from offers.services.publishing import publish_offer

TOKEN: Final = "d" * 32
"""CSRF secret of every candidate: the cookie and the form field have the same value."""
_BATCH_SIZE: Final = 500
_OPEN_FOR: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ReadyCandidate:
    """One candidate who is ready to file: submission, path of the form, cookies, and form version that they read."""

    submission: int
    path: str
    cookies: str
    seen: str

    @property
    def form(self) -> str:
        """Body of the POST that files."""
        declared = dict.fromkeys(sorted(ALL_DECLARATIONS), "on")
        return urlencode(declared | {VERSION_FIELD: self.seen, "csrfmiddlewaretoken": TOKEN})


def write_offer(*, number: str, at: datetime) -> Offer:
    """Create the offer of a drill: an unlisted draft that opens a day before the aware instant `at`."""
    closes_on = at.astimezone(ZONE).date()
    return create_offer(
        at=at,
        number=number,
        listed=False,
        organisation="Organisation d’exercice",
        domain="Exercice de fermeture",
        starts_on=closes_on + timedelta(days=100),
        ends_on=closes_on + timedelta(days=279),
        place="Nulle part",
        opens_at=at - _OPEN_FOR,
        closes_on=closes_on,
        closes_at=at,
        contact_phone="000 000-0000",
        sections=SECTIONS,
        documents=DOCUMENTS,
        criteria=CRITERIA,
    )


def publish_closing(offer: Offer, *, closes_at: datetime, at: datetime) -> Offer:
    """Publish the offer of a drill at `at`, so that it closes at the aware instant `closes_at`."""
    offer.closes_at = closes_at
    offer.closes_on = offer.last_open_day
    offer.save(update_fields=["closes_at", "closes_on"])
    return publish_offer(offer=offer, at=at)


def make_candidates(offer: Offer, *, count: int, seed: int, at: datetime) -> list[ReadyCandidate]:
    """Create `count` invented candidates who are ready to file on `offer`, still a draft; `at` is an aware instant.

    All have the documents of one account, so that the documents are inspected once.
    """
    host, _made = open_account(email=f"exercice.{seed}@{DOMAIN}", at=at)
    requests = document_requests(offer).filter(required=True)
    papers = {request: make_sample_upload(owner=host, request=request, at=at) for request in requests}
    people: list[ReadyCandidate] = []
    for first in range(0, count, _BATCH_SIZE):
        ranks = range(first, min(first + _BATCH_SIZE, count))
        with transaction.atomic():
            drafts = _write(offer, ranks, seed, papers, at)
        people += [sign_in(draft) for draft in drafts]
    return people


def _write(
    offer: Offer, ranks: range, seed: int, papers: Mapping[DocumentRequest, Upload], at: datetime
) -> list[Draft]:
    asks = read_offer_questions(offer, offer.rulebooks.order_by("-number")[0])
    batch = Batch(people=len(ranks), documents=len(papers))
    drafts, accepted, on = [], [], at.astimezone(offer.zone).date()
    for rank in ranks:
        chance = chance_of(seed=seed, rank=rank)
        person = draw_person(seed=seed, rank=rank, chance=chance)
        answers = draw_answers(asks=asks, expected=ExpectedResult.ADMITTED, on=on, chance=chance)
        candidate = batch.add_account(person.email, at=at)
        draft = batch.add_draft(offer=offer, candidate=candidate, answers=person.answers() | answers, at=at)
        for request, upload in zip(papers, copy_uploads(papers.values(), owner=candidate), strict=True):
            batch.add(DraftDocument(draft=draft, request=request, upload=batch.add(upload)))
        accepted.append(NoticeAcceptance(user=candidate, notice=COLLECTION.key, version=COLLECTION.version))
        drafts.append(draft)
    batch.write()
    copy_rows(accepted)
    return drafts


def sign_in(draft: Draft, *, lasting: timedelta | None = None) -> ReadyCandidate:
    """Sign in the draft's candidate (see `cookies_of`) and return them with the current form version."""
    submission = draft.submission
    return ReadyCandidate(
        submission=submission.pk,
        path=reverse("submissions:file", args=[submission.public_id]),
        cookies=cookies_of(submission.candidate, lasting=lasting),
        seen=str(form_version_of(draft)),
    )


def cookies_of(person: User, *, lasting: timedelta | None = None) -> str:
    """Create a session of `person`, as long as any or for `lasting`; return the cookies that their browser sends."""
    engine: Any = import_module(settings.SESSION_ENGINE)
    session = engine.SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    if lasting is not None:
        session.set_expiry(lasting)
    session.create()
    session.save()  # into the cache too, as the sign-in does
    cookies = {settings.SESSION_COOKIE_NAME: session.session_key, settings.CSRF_COOKIE_NAME: TOKEN}
    return "; ".join(f"{name}={value}" for name, value in cookies.items())
