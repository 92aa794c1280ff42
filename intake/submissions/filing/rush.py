"""In a rush, receive requests to file, and answer those who wait, before users, forms and pages are loaded.

Thousands press the button in the last seconds. Each needs a stored arrival and a page that says so: a small part of the
cost of the normal path. Everything except a first, error-free filing takes the normal path, as every request does when
no arrival waits: an amendment, the answer to a complement request, a review request, a form with an error, a session
that ended, another person's submission, the end of a personal extension, a press after one that was refused.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve
from django.utils.cache import add_never_cache_headers
from django.utils.html import conditional_escape
from django.utils.translation import get_language

from intake.accounts.backends import is_signed_in_as
from intake.accounts.models import User
from intake.submissions.drafts.collection_notice import COLLECTION
from intake.submissions.lifecycle.errors import OfferNotOpenError, SubmissionError
from intake.submissions.models import Arrival, Draft, FilingWindow
from intake.web.middleware import Middleware
from intake.web.portal_variables import portal_variables
from intake.web.request_wait import received_ns_of
from intake.web.templatetags.portal import instant_element
from offers.models import Offer

from .arrival_views import waiting_parts, waiting_response
from .arrivals import IN_RUSH, leave_to_workers, receive_arrival
from .declarations import DECLARATIONS
from .form_version import parse_complement_value, parse_form_version
from .held_press import PRESS_FIELD
from .line import line
from .witness import witnesses

_ENDS: Final = ("/deposer/", "/arrivee/")
_USER: Final = ("id", "password", "email")
_OFFER: Final = (
    *("number", "organisation", "domain", "time_zone"),
    *("contact_unit", "contact_email", "contact_phone", "contact_extension"),
)
_APPLICANT: Final = "SELECT * FROM applicant_in_a_rush(%s, %s, %s, %s)"  # the function keeps its plan


class RushMiddleware(Middleware):
    """Answer a request to file, and the page of an arrival that waits, if many wait; pass on every other request."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Respond."""
        return _answer(request) or self.get_response(request)


@dataclass(frozen=True, slots=True)
class _Applicant:
    """A candidate with a first application to file, and what the page of its arrival displays."""

    public_id: UUID
    """Of the submission."""
    user: User
    offer: tuple[str, ...]
    """Values of `_OFFER`."""
    submission: int
    """Primary key."""
    is_first: bool
    """True if none of their filings stands: not an amendment, nor an answer to a complement request."""
    arrived_at: datetime | None
    state: str | None
    """Of the latest arrival; None if there is none."""

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of the offer's days and hours."""
        return ZoneInfo(_named(self.offer)["time_zone"])


def _answer(request: HttpRequest) -> HttpResponse | None:
    """Return the page of the waiting arrival, or of the one that this request makes; None for the normal path."""
    if not request.path_info.endswith(_ENDS):
        return None
    try:
        match = resolve(request.path_info)
    except Resolver404:
        return None
    asked = request.method, match.view_name
    if asked == ("POST", "submissions:file") and line.is_long():
        response = _receive(request, match.kwargs["public_id"])
    elif asked == ("GET", "submissions:arrival") and line.is_long():
        response = _show_arrival(request, match.kwargs["public_id"])
    else:
        return None
    if response is not None:
        request.resolver_match = match  # for the access log
        # As Django's CommonMiddleware, which is not reached: else a client waits for the end of the connection.
        response.headers["Content-Length"] = str(len(response.content))
        add_never_cache_headers(response)
    return response


def _receive(request: HttpRequest, public_id: UUID) -> HttpResponse | None:
    """Store the arrival of a first, error-free filing, and return its page; None for the normal path."""
    seen = parse_form_version(request.POST)
    declarations = {one.key for one in DECLARATIONS if request.POST.get(one.key) == "on"}
    is_plain = (
        len(declarations) == len(DECLARATIONS) and not {"review_message", PRESS_FIELD} & request.POST.keys()
    )
    if seen is None or not is_plain or not _passes_csrf(request):
        return None
    found = _find(request, public_id, draft=seen.draft)
    if found is None or not found.is_first or found.state == Arrival.State.REFUSED:
        return None
    try:
        arrival = receive_arrival(
            draft=Draft.from_db(None, ("id", "submission_id"), (seen.draft, found.submission)),
            version=seen.version,
            declarations=frozenset(declarations),
            reads_english=get_language() == "en",
            asked=parse_complement_value(request.POST),
            cited=witnesses.cite(received_ns_of(request.META)),
        )
    except OfferNotOpenError as refused:
        return _show_late(found, refused)
    except SubmissionError:  # the normal path raises it again, with its page
        return None
    leave_to_workers(at=arrival.arrived_at, every=IN_RUSH)
    return _show_waiting(found, arrival.arrived_at)


def _show_arrival(request: HttpRequest, public_id: UUID) -> HttpResponse | None:
    """Return the page of an arrival that waits, or redirect to its receipt; None for the normal path."""
    found = _find(request, public_id)
    if found is None or found.arrived_at is None:
        return None
    if found.state == Arrival.State.FILED:
        return redirect("submissions:receipt", public_id)
    is_plain = found.is_first and found.state == Arrival.State.WAITING
    return _show_waiting(found, found.arrived_at) if is_plain else None


def _find(request: HttpRequest, public_id: UUID, *, draft: int | None = None) -> _Applicant | None:
    """Return the applicant of a submission, who may file `draft` if it is given, if the request is of their session."""
    with connection.cursor() as cursor:
        cursor.execute(_APPLICANT, [public_id, draft, COLLECTION.key, COLLECTION.version])
        row = cursor.fetchone()
    if row is None:
        return None
    # From a row: a new instance computes the defaults of all its fields, which takes longer than the statement.
    user, rest = User.from_db(None, _USER, row[: len(_USER)]), row[len(_USER) :]
    found = _Applicant(public_id, user, rest[: len(_OFFER)], *rest[len(_OFFER) :])
    return found if is_signed_in_as(request, user) else None


class _CsrfCheck(CsrfViewMiddleware):
    """Django's check, which returns the reason: the normal path then refuses the request, with its page."""

    def _reject(self, _request: HttpRequest, reason: str) -> str:
        return reason


_csrf: Final = _CsrfCheck(lambda _request: HttpResponse())


def _passes_csrf(request: HttpRequest) -> bool:
    _csrf.process_request(request)
    return _csrf.process_view(request, HttpResponse, (), {}) is None


def _show_waiting(found: _Applicant, arrived_at: datetime) -> HttpResponse:
    parts = waiting_parts(
        arrived_at=arrived_at.astimezone(found.zone),
        before=line.before(arrived_at),
        mail_to=found.user.email,
    )
    page = _waiting_page(found.offer, get_language() or "fr")
    return waiting_response(_fill(page, found, parts), parts)


def _show_late(found: _Applicant, refused: OfferNotOpenError) -> HttpResponse | None:
    """Return the page of a request after the offer's closing; None if the closing is the candidate's own."""
    submission, at = refused.submission, refused.at
    if submission is None or at is None or submission.window.is_extended or at < submission.offer.closes_at:
        return None
    page = _late_page(found.offer, submission.offer.closes_at, get_language() or "fr")
    parts = {"asked": instant_element(at.astimezone(found.zone), "secondes")}
    return HttpResponse(_fill(page, found, parts), status=HTTPStatus.CONFLICT)


# Rendering a page takes ten times longer than all the rest. One is rendered for each offer and language, with a mark
# where something is a person's own: a character of a private use area (Unicode, 23.5), or the UUID of nobody.
_MARKS: Final = {
    name: chr(0xE000 + rank)
    for rank, name in enumerate(("arrived", "place", "again_seconds", "unaided_seconds", "mail_to", "asked"))
}
_NOBODY: Final = UUID(int=0)


def _fill(page: str, found: _Applicant, parts: dict[str, Any]) -> str:
    page = page.replace(str(_NOBODY), str(found.public_id))
    for name, part in parts.items():
        page = page.replace(_MARKS[name], conditional_escape(part))
    return page


@lru_cache(maxsize=100)
def _waiting_page(offer: tuple[str, ...], language: str) -> str:
    return _render("submissions/arrival.html", offer, language, is_waiting=True)


@lru_cache(maxsize=100)
def _late_page(offer: tuple[str, ...], closes_at: datetime, language: str) -> str:
    status = Offer.Status.PUBLISHED
    shown = Offer(**_named(offer), status=status, opens_at=closes_at, closes_at=closes_at)
    window = FilingWindow(shown)
    return _render("submissions/not_filed.html", offer, language, window=window, now=closes_at, is_late=True)


def _render(template: str, offer: tuple[str, ...], language: str, **context: Any) -> str:
    """Render a page with its marks, without what the layout says of the account."""
    portal = portal_variables(language=language, english_offered=False, path="")
    common = {"portal": portal, "offer": _named(offer), "submission": {"public_id": _NOBODY}}
    return render_to_string(template, common | context | _MARKS)


def _named(offer: tuple[str, ...]) -> dict[str, str]:
    return dict(zip(_OFFER, offer, strict=True))
