"""Security events: each kind by a request, nothing personal in the log, and a flood that fills no disk."""

import atexit
import datetime as dt
import inspect
import logging
import re
from collections.abc import Callable
from functools import partial
from http.cookies import SimpleCookie
from importlib.util import module_from_spec, spec_from_file_location
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import resolve, reverse
from django.utils import timezone
from pytest_django import Settings

from intake.accounts.changes import close_account
from intake.accounts.models import User
from intake.accounts.roles import Role
from intake.accounts.second_factor.services import make_recovery_codes
from intake.settings.services import IdentityProvider
from intake.web.request_id import HEADER, RouteFilter
from intake.web.security_events import (
    LINES_PER_KIND,
    LINES_PER_NETWORK,
    REPEATED,
    Kind,
    network_of,
    record_security_event,
    write_counted_events,
)
from offers.models import DocumentRequest
from tests.accounts.sign_in_steps import CONFIRM, ask, last_code, last_link, wrong_code
from tests.factories.factors import make_application
from tests.factories.people import client_of, make_administrator, make_staff, make_user
from tests.factories.submissions import make_draft, make_open_offer
from tests.security_log import SecurityLog

pytestmark = pytest.mark.django_db
EMAIL = "mathilde.planted@exemple.ca"


@pytest.fixture(autouse=True)
def no_rate_counted() -> None:
    cache.clear()


def guess_wrong() -> Client:
    client = Client()
    ask(client, EMAIL)
    client.post(CONFIRM, {"code": wrong_code()})
    return client


def guess_late(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client()
    ask(client, EMAIL)
    later = timezone.now() + dt.timedelta(minutes=11)
    monkeypatch.setattr("intake.accounts.views.timezone.now", lambda: later)
    client.post(CONFIRM, {"code": last_code()})


def use_code_twice() -> None:
    client = Client()
    ask(client, EMAIL)
    other = Client()
    kept = {name: morsel.value for name, morsel in client.cookies.items()}
    other.cookies = SimpleCookie(kept)  # the same page in another browser
    client.post(CONFIRM, {"code": last_code()})
    other.post(CONFIRM, {"code": last_code()})


def use_link_twice() -> None:
    ask(Client(), EMAIL)
    Client().post(last_link())
    Client().post(last_link())


def alter_link() -> None:
    ask(Client(), EMAIL)
    Client().get(last_link().rstrip("/")[:-1] + "/")


def enter_closed_account() -> None:
    make_user(EMAIL, is_active=False)
    ask(Client(), EMAIL)
    Client().post(last_link())


def ask_too_often() -> None:
    for _ in range(7):
        ask(Client(), EMAIL)


def ask_from_busy_network(settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"sign_in_code_network": "1/m/ip"}
    for _ in range(2):
        ask(Client(), EMAIL)


def guess_too_often(settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"sign_in_guess": "1/m/key"}
    guess_wrong().post(CONFIRM, {"code": wrong_code()})


def read_rival() -> None:
    draft = make_draft(candidate=make_user(EMAIL))
    client_of(make_user()).get(reverse("submissions:documents", args=[draft.submission.public_id]))


def read_without_permission() -> None:
    client_of(make_staff(Role.REVIEWER)).get(reverse("admin:accounts_user_changelist"))


def post_without_token() -> None:
    Client(enforce_csrf_checks=True).post("/langue/", {"langue": EMAIL})


def post_from_elsewhere() -> None:
    Client(enforce_csrf_checks=True).post("/langue/", {}, headers={"Origin": f"https://{EMAIL}"})


def ask_another_host() -> None:
    Client().get(f"/offres/?q={EMAIL}", headers={"Host": "planted.invalid"})


def send_many_fields() -> None:
    Client().post("/connexion/", {f"{EMAIL}{each}": "" for each in range(501)})


def send_office_file() -> None:
    offer = make_open_offer()
    owner = make_user(EMAIL)
    draft = make_draft(offer=offer, candidate=owner)
    asked = DocumentRequest.objects.filter(offer=offer).order_by("pk")[0]
    address = reverse("submissions:document", args=[draft.submission.public_id, asked.pk])
    sent = {"name": f"{EMAIL}.docx", "size": "9", "head": SimpleUploadedFile(EMAIL, b"{\\rtf1")}
    client_of(owner).post(address, sent, headers={"X-Card": "listed"})


def try_wrong_factor() -> None:
    person = make_staff(Role.STAFF, EMAIL)
    make_application(person)
    answer = client_of(person, second_factor=False).post(
        reverse("accounts:second_factor"), {"code": "000000"}
    )
    assert answer.status_code == 422


def answer_without_a_request(settings: Settings) -> None:
    settings.OIDC = IdentityProvider(
        issuer="https://identite.invalid", client_id="x", secret="x" * 9, factors=frozenset()
    )
    assert Client().get(reverse("accounts:provider_answer")).status_code == 422


CAUSES: dict[tuple[Kind, str], tuple[Callable[..., Any], str]] = {
    (Kind.CODE_REFUSED, "WRONG"): (guess_wrong, "accounts:confirm"),
    (Kind.CODE_REFUSED, "EXPIRED"): (guess_late, "accounts:confirm"),
    (Kind.CODE_REFUSED, "USED"): (use_code_twice, "accounts:confirm"),
    (Kind.LINK_REFUSED, "MAILED_LINK"): (use_link_twice, "accounts:sign_in_mailed"),
    (Kind.IDENTITY_REFUSED, "NO_REQUEST"): (answer_without_a_request, "accounts:provider_answer"),
    (Kind.FACTOR_REFUSED, "SECOND_FACTOR_CODE_WRONG"): (try_wrong_factor, "accounts:second_factor"),
    (Kind.CLOSED_ACCOUNT, "SIGN_IN"): (enter_closed_account, "accounts:sign_in_mailed"),
    (Kind.LIMIT_REACHED, "ADDRESS_BUSY"): (ask_too_often, "accounts:sign_in"),
    (Kind.LIMIT_REACHED, "NETWORK_BUSY"): (ask_from_busy_network, "accounts:sign_in"),
    (Kind.LIMIT_REACHED, "GUESSES_OF_CODE"): (guess_too_often, "accounts:confirm"),
    (Kind.ACCESS_REFUSED, "NOT_FOUND"): (read_rival, "submissions:documents"),
    (Kind.ACCESS_REFUSED, "FORBIDDEN"): (read_without_permission, "admin:accounts_user_changelist"),
    (Kind.FORM_REFUSED, "CSRF_COOKIE_NOT_SET"): (post_without_token, "web:language"),
    (Kind.FORM_REFUSED, "ORIGIN_CHECKING_FAILED"): (post_from_elsewhere, "web:language"),
    (Kind.REQUEST_REFUSED, "DISALLOWED_HOST"): (ask_another_host, "-"),
    (Kind.REQUEST_REFUSED, "TOO_MANY_FIELDS_SENT"): (send_many_fields, "accounts:sign_in"),
    (Kind.UPLOAD_REFUSED, "NOT_ACCEPTED_TYPE"): (send_office_file, "submissions:document"),
}
"""For each kind and reason, the requests that cause it, and the route of the last one."""


@pytest.mark.parametrize("kind, reason", CAUSES)
def test_each_refusal_leaves_one_event_and_nothing_that_was_typed(
    kind: Kind,
    reason: str,
    security_events: SecurityLog,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cause, route = CAUSES[kind, reason]
    given = {"settings": settings, "monkeypatch": monkeypatch}
    cause(**{name: given[name] for name in cause.__annotations__.keys() & given})
    assert security_events.kinds.count((kind, reason)) == 1, security_events.lines
    event = next(event for event in security_events.events if event["kind"] == kind)
    assert (event["log"], event["reason"], event["route"], event["count"]) == ("security", reason, route, 1)
    assert event["client"] == "127.0.0.1"
    assert re.fullmatch(r"(\w{4}-){2}\w{4}", event["reference"])
    assert dt.datetime.fromisoformat(event["at"]).utcoffset() == dt.timedelta(0)
    logged = "\n".join([*security_events.lines, security_events.others.stream.getvalue()]).lower()
    assert [part for part in ("mathilde", "planted", "exemple", "@") if part in logged] == []


CHANGES = {Kind.FACTOR_CHANGED, Kind.ACCOUNT_CHANGED}


def test_each_kind_has_a_request_that_causes_it() -> None:
    assert {kind for kind, _reason in CAUSES} | CHANGES | {Kind.SIGNED_IN} == set(Kind)


def test_a_changed_account_or_factor_leaves_an_event_once_it_is_committed(
    security_events: SecurityLog, django_capture_on_commit_callbacks: Any
) -> None:
    person, administrator = make_user(EMAIL), make_administrator()
    with django_capture_on_commit_callbacks() as after:
        make_recovery_codes(user=person)
        close_account(person=person, reason="Essai", actor=administrator, at=timezone.now())
    assert security_events.kinds == []
    for written in after:
        written()
    assert security_events.kinds == [
        ("FACTOR_CHANGED", "RECOVERY_CODES_MADE"),
        ("ACCOUNT_CHANGED", "CLOSING"),
    ]
    assert {event["subject"] for event in security_events.events} == {str(person.public_id)}


def test_a_sign_in_leaves_the_account_and_the_reference_of_the_answer(security_events: SecurityLog) -> None:
    user = make_user(EMAIL)
    client = Client()
    ask(client, EMAIL)
    answer = client.post(CONFIRM, {"code": last_code()})
    assert security_events.kinds == [("SIGNED_IN", "OPENED")]
    event = security_events.last
    assert (event["account"], event["reference"]) == (str(user.public_id), answer.headers[HEADER])
    assert (event["address"], event["subject"]) == (None, None)


def test_a_refusal_names_the_reader_and_not_the_object(security_events: SecurityLog) -> None:
    draft = make_draft(candidate=make_user(EMAIL))
    rival = make_user()
    answer = client_of(rival).get(reverse("submissions:documents", args=[draft.submission.public_id]))
    assert security_events.last["account"] == str(rival.public_id)
    assert security_events.last["reference"] in answer.content.decode()
    assert str(draft.submission.public_id) not in security_events.lines[-1]


def test_a_closed_account_is_the_subject_of_its_event(security_events: SecurityLog) -> None:
    enter_closed_account()
    [event] = [event for event in security_events.events if event["kind"] == Kind.CLOSED_ACCOUNT]
    assert event["subject"] == str(User.objects.get(email=EMAIL).public_id)
    assert event["account"] is None


def test_pages_that_are_served_and_addresses_that_lead_nowhere_leave_no_event(
    security_events: SecurityLog,
) -> None:
    client = client_of(make_user())
    assert [client.get(path).status_code for path in ("/", "/offres/", "/nulle-part/")] == [302, 200, 404]
    assert Client().get(reverse("submissions:mine")).status_code == 302
    assert security_events.lines == []


# -- What a line says of people -------------------------------------------------------------------------------------
def request_from(address: str = "127.0.0.1", **extra: Any) -> HttpRequest:
    return RequestFactory(REMOTE_ADDR=address).get("/", **extra)


def typed(email: str) -> None:
    record_security_event(request_from(), Kind.CODE_REFUSED, reason="WRONG", address=email)


def test_a_series_against_one_mailbox_has_one_digest_for_a_month(
    security_events: SecurityLog, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    last_day = dt.datetime(2031, 1, 31, 23, 59, 59, tzinfo=dt.UTC)
    for at in (last_day - dt.timedelta(days=30), last_day, last_day + dt.timedelta(seconds=1)):
        monkeypatch.setattr(timezone, "now", partial(dt.datetime.fromisoformat, at.isoformat()))
        typed(EMAIL)
    monkeypatch.setattr(timezone, "now", lambda: last_day)
    typed("sam@exemple.ca")
    settings.SECRET_KEY += "0"
    typed(EMAIL)
    first, same, *others = [event["address"] for event in security_events.events]
    assert first == same
    assert re.fullmatch("[0-9a-f]{16}", first)
    assert len({first, *others}) == 4


@pytest.mark.parametrize("reason", ["", EMAIL, "wrong", "WRONG\n", "WRONG CODE"])
def test_a_reason_that_a_user_may_have_typed_is_refused(reason: str, security_events: SecurityLog) -> None:
    with pytest.raises(ValueError, match="upper-case code"):
        record_security_event(request_from(), Kind.CODE_REFUSED, reason=reason)
    assert security_events.lines == []


def test_an_event_does_not_fail_when_the_database_or_the_proxies_are_wrong(
    security_events: SecurityLog, settings: Settings
) -> None:
    class Gone:
        @property
        def is_authenticated(self) -> bool:
            raise DatabaseError

    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 2
    request: Any = request_from(headers={"X-Forwarded-For": "203.0.113.7"})
    request.user = Gone()
    record_security_event(request, Kind.ACCESS_REFUSED, reason="FORBIDDEN")
    assert (security_events.last["account"], security_events.last["client"]) == (None, None)


def test_the_client_is_the_one_that_the_trusted_proxy_names(
    security_events: SecurityLog, settings: Settings
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    forged = request_from("10.0.0.5", headers={"X-Forwarded-For": "192.0.2.1, 203.0.113.7"})
    record_security_event(forged, Kind.CODE_REFUSED, reason="WRONG")
    assert security_events.last["client"] == "203.0.113.7"


@pytest.mark.parametrize(
    "address, network",
    [
        ("203.0.113.7", "203.0.113.0/24"),
        ("2001:db8:1:2:3::7", "2001:db8:1:2::/64"),
        ("fe80::7%eth0", "fe80::/64"),
        ("", ""),
    ],
)
def test_a_network_is_a_prefix_of_its_addresses(address: str, network: str) -> None:
    assert network_of(address) == network


# -- A flood --------------------------------------------------------------------------------------------------------
@pytest.fixture
def minutes(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """A clock that stands still at the last second of a minute, until it is set to the first one of a later minute."""
    start = dt.datetime(2031, 5, 4, 12, 0, 59, tzinfo=dt.UTC)

    def set_to(minute: int) -> None:
        at = start + dt.timedelta(minutes=minute - 1, seconds=1) if minute else start
        monkeypatch.setattr(timezone, "now", lambda: at)

    set_to(0)
    return set_to


def refused_from(address: str, times: int = 1, kind: Kind = Kind.CODE_REFUSED) -> None:
    for _ in range(times):
        record_security_event(request_from(address), kind, reason="WRONG")


def counted(log: SecurityLog) -> list[tuple[str, str | None, int]]:
    return [
        (event["kind"], event["client"], event["count"])
        for event in log.events
        if event["reason"] == REPEATED
    ]


def test_a_flood_from_one_network_is_a_few_lines_and_a_number(
    security_events: SecurityLog, minutes: Callable[[int], None]
) -> None:
    refused_from("203.0.113.7", 900)
    refused_from("203.0.113.8", 100)
    refused_from("198.51.100.7", 1)
    assert len(security_events.lines) == LINES_PER_NETWORK + 1 == 11
    write_counted_events()
    assert counted(security_events) == []
    minutes(1)
    write_counted_events()
    assert counted(security_events) == [("CODE_REFUSED", "203.0.113.0/24", 1000 - LINES_PER_NETWORK)]
    assert sum(event["count"] for event in security_events.events) == 1001
    write_counted_events()
    refused_from("203.0.113.7")
    minutes(2)
    write_counted_events()
    assert sum(event["count"] for event in security_events.events) == 1002


def test_a_flood_from_many_networks_hides_no_other_kind(
    security_events: SecurityLog, minutes: Callable[[int], None]
) -> None:
    for each in range(1000):
        refused_from(f"10.{each // 250}.{each % 250}.7", kind=Kind.ACCESS_REFUSED)
    refused_from("203.0.113.7")
    assert len(security_events.lines) == LINES_PER_KIND + 1 == 61
    minutes(1)
    refused_from("203.0.113.7")
    assert counted(security_events) == [("ACCESS_REFUSED", None, 1000 - LINES_PER_KIND)]


def test_the_next_request_writes_the_numbers_of_the_minute_before(
    security_events: SecurityLog, minutes: Callable[[int], None], client: Client
) -> None:
    refused_from("203.0.113.7", LINES_PER_NETWORK + 3)
    minutes(1)
    client.get("/healthz")
    assert counted(security_events) == [("CODE_REFUSED", "203.0.113.0/24", 3)]


def test_a_process_that_ends_writes_the_numbers_of_its_last_minute(
    security_events: SecurityLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_exit: list[Callable[[], None]] = []
    monkeypatch.setattr(atexit, "register", lambda end, *given: at_exit.append(partial(end, *given)))
    spec: Any = spec_from_file_location("intake.web.another_process", inspect.getfile(Kind))
    process = module_from_spec(spec)
    spec.loader.exec_module(process)
    for _ in range(LINES_PER_NETWORK + 2):
        process.record_security_event(request_from("203.0.113.7"), Kind.CODE_REFUSED, reason="WRONG")
    [end] = at_exit
    for _twice in range(2):
        end()
    assert counted(security_events) == [("CODE_REFUSED", "203.0.113.0/24", 2)]


# -- The other log --------------------------------------------------------------------------------------------------
def test_the_line_of_an_error_has_the_route_and_not_the_path() -> None:
    path = f"/connexion/courriel/{EMAIL}/"
    request = RequestFactory().get(path)
    request.resolver_match = resolve("/connexion/courriel/x/")
    given = ("Internal Server Error", path)
    record: Any = logging.LogRecord("django.request", logging.ERROR, "", 1, "%s: %s", given, None)
    record.request = request
    assert RouteFilter().filter(record)
    assert record.getMessage() == "Internal Server Error: accounts:sign_in_mailed"
    other = logging.LogRecord("intake", logging.ERROR, "", 1, "%s", ("text",), None)
    assert RouteFilter().filter(other)
    assert other.getMessage() == "text"
