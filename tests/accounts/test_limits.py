"""Rate limits apply across processes: the counters are in the shared cache."""

import json
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from allauth.core.context import request_context
from allauth.core.internal.ratelimit import parse_rates
from django.http import HttpResponse
from django.test import RequestFactory
from pytest_django import Settings

from intake.accounts.codes import code_lifetime
from intake.accounts.devices import Device
from intake.accounts.limits import (
    WAIT,
    AddressBusyError,
    NetworkBusyError,
    check_may_send_address_code,
    check_may_send_code,
    check_may_verify_code,
    may_guess_code,
    may_verify_file,
)
from intake.devtools.embedded import Urls
from tests.factories.people import make_user

GUESS_ALL_THREE_CAN = """
import multiprocessing, sys
from django.conf import settings
settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": sys.argv[1]}}
import django
django.setup()
from django.test import RequestFactory
from allauth.core.context import request_context
from intake.accounts.limits import may_guess_code

def guess(together, granted):
    together.wait()
    request = RequestFactory().post("/connexion/code/")
    with request_context(request):
        granted.put(sum(may_guess_code(request, reference="one code", email="a") for _ in range(8)))

forked = multiprocessing.get_context("fork")
together, granted = forked.Barrier(3), forked.SimpleQueue()
guessing = [forked.Process(target=guess, args=(together, granted)) for _ in range(3)]
for one in guessing:
    one.start()
print([granted.get() for _ in guessing])
for one in guessing:
    one.join()
"""


def test_five_guesses_are_allowed_in_total_across_processes(embedded_servers: Urls) -> None:
    """Eight guesses at one code in each of three processes, concurrently."""
    command = [sys.executable, "-W", "ignore", "-c", GUESS_ALL_THREE_CAN, embedded_servers.cache]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    granted = json.loads(said)
    assert len(granted) == 3
    assert sum(granted) == 5


def test_receipt_checks_by_file_and_by_code_have_separate_limits_by_network(
    settings: Settings,
) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"verify_file": "1/m/ip", "verify_code": "2/m/ip"}
    here, there = (
        RequestFactory().get("/verifier/", REMOTE_ADDR=address) for address in ("198.51.100.7", "203.0.113.9")
    )
    for _twice in range(2):
        check_may_verify_code(here, code="A", ticket="", at=NOW)
    with pytest.raises(NetworkBusyError) as busy:
        check_may_verify_code(here, code="A", ticket="", at=NOW)
    check_may_verify_code(there, code="A", ticket="", at=NOW)
    assert [may_verify_file(here) for _ in range(2)] == [True, False]
    assert may_verify_file(there) is True
    for code, wait in (("B", WAIT), ("A", WAIT - timedelta(seconds=1))):
        with pytest.raises(NetworkBusyError):
            check_may_verify_code(here, code=code, ticket=busy.value.ticket, at=NOW + wait)
    check_may_verify_code(here, code="A", ticket=busy.value.ticket, at=NOW + WAIT)


NOW = datetime(2031, 1, 1, tzinfo=UTC)


def ask(email: str, *, ticket: str = "", at: datetime = NOW, network: int = 1, device: str = "") -> str:
    """Ask for a code; return the outcome: sent, the ticket of a visitor who must wait, or the busy address."""
    request = RequestFactory().post("/", REMOTE_ADDR=f"198.51.100.{network}")
    request.COOKIES["device"] = device
    with request_context(request):
        try:
            check_may_send_code(request, email=email, ticket=ticket, at=at)
        except NetworkBusyError as busy:
            return busy.ticket
        except AddressBusyError:
            return "busy"
    return "sent"


def device_of(email: str) -> str:
    """Return the cookie of a device on which the owner of `email` has signed in."""
    request, response = RequestFactory().get("/"), HttpResponse()
    Device.of(request).remember(make_user(email), response)
    return response.cookies["device"].value


def test_an_address_gets_several_codes_then_one_at_a_time_from_all_networks(settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"sign_in_code": "2/m/key", "sign_in_code_spaced": "1/9m/key"}
    assert [ask("a", network=n) for n in range(1, 6)] == ["sent"] * 3 + ["busy"] * 2
    assert ask("b") == "sent"


def test_a_busy_address_always_has_a_mailed_link_that_is_valid(settings: Settings) -> None:
    [spaced] = parse_rates(settings.ACCOUNT_RATE_LIMITS["sign_in_code_spaced"])
    assert (spaced.amount, spaced.per) == (1, "key")
    assert timedelta(seconds=spaced.duration) < code_lifetime()


@pytest.mark.django_db
def test_a_known_device_is_not_stopped_by_what_others_ask(settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {
        "sign_in_code_network": "1/m/ip",
        "sign_in_code": "1/m/key",
        "sign_in_code_spaced": "1/m/key",
        "sign_in_code_known_device": "2/m/key",
    }
    known = device_of("a")
    assert [ask("a", network=n) for n in (1, 2, 3)] == ["sent", "sent", "busy"]
    assert [ask("a", device=known) for _time in range(2)] == ["sent", "sent"]
    assert ask("a", device=known) not in {"sent", "busy"}, "beyond its own limit it waits as others do"
    assert ask("b", network=4, device=known) == "sent"
    assert ask("b", network=4, device=known) not in {"sent", "busy"}, "it is known for its owner only"


def test_a_busy_network_makes_each_visitor_wait_and_stops_none(settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"sign_in_code_network": "1/h/ip", "sign_in_code": "9/m/key"}
    assert ask("a") == "sent"
    ticket = ask("b")
    soon, later = NOW + WAIT - timedelta(microseconds=1), NOW + WAIT
    assert ask("b", ticket=ticket, at=soon) == ticket, "who presses too early keeps the place"
    assert ask("c", ticket=ticket, at=later) not in {"sent", ticket}, "a ticket is of one address"
    assert ask("b", ticket=ticket, at=later) == "sent"
    assert ask("b", ticket=ticket, at=later) not in {"sent", ticket}, "a ticket serves once"
    assert ask("b", ticket="forged", at=later) not in {"sent", "forged"}
    assert ask("d", network=2) == "sent"
    old = ask("e")
    assert ask("e", ticket=old, at=NOW + timedelta(minutes=15)) not in {"sent", old}


@pytest.mark.django_db
def test_seven_hundred_requests_through_one_proxy_stop_no_visitor(settings: Settings) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for n in range(700):
        request = RequestFactory().post(
            "/",
            headers={"x-forwarded-for": f"10.{n % 250}.0.1, 198.51.100.7"},
            REMOTE_ADDR="192.0.2.1",
        )
        with request_context(request), suppress(NetworkBusyError, AddressBusyError):
            check_may_send_code(request, email=f"p{n}" if n > 5 else "victim", ticket="", at=NOW)
    other = RequestFactory().post("/", headers={"x-forwarded-for": "198.51.100.8"}, REMOTE_ADDR="192.0.2.1")
    with request_context(other):
        check_may_send_code(other, email="other", ticket="", at=NOW)
    beside = RequestFactory().post("/", headers={"x-forwarded-for": "198.51.100.7"}, REMOTE_ADDR="192.0.2.1")
    with request_context(beside), pytest.raises(NetworkBusyError) as busy:
        check_may_send_code(beside, email="beside", ticket="", at=NOW)
    with request_context(beside):
        check_may_send_code(beside, email="beside", ticket=busy.value.ticket, at=NOW + WAIT)
    beside.COOKIES["device"] = device_of("victim")
    with request_context(beside):
        check_may_send_code(beside, email="victim", ticket="", at=NOW)


@pytest.mark.parametrize("network", [1, 2])
@pytest.mark.django_db
def test_guesses_are_counted_by_code_then_by_address(settings: Settings, network: int) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"sign_in_guess": "2/m/key", "sign_in_guess_address": "3/m/key"}

    def guess(reference: str, email: str, device: str = "") -> bool:
        request = RequestFactory().post("/", REMOTE_ADDR=f"198.51.100.{network}")
        request.COOKIES["device"] = device
        with request_context(request):
            return may_guess_code(request, reference=reference, email=email)

    assert [guess(each, "a") for each in ("1", "1", "1", "2", "2")] == [True, True, False, True, False]
    assert guess("3", "b") is True
    assert guess("4", "a", device_of("a")) is True, "a device of the owner counts apart"
    assert guess("5", "a", device_of("b")) is False


def test_tags_after_a_plus_get_no_more_mails_than_their_mailbox() -> None:
    answers = [ask(f"alex+{number}@exemple.ca") for number in range(9)]
    assert answers == ["sent"] * 6 + ["busy"] * 3  # five, then one of those that are spaced
    assert ask("alex@exemple.ca") == "sent", "tags that a stranger invents stopped the owner of the mailbox"
    assert ask("alex@exemple.ca") == "busy"
    assert [ask("alexa+1@exemple.ca"), ask("alex+1@exemple.org")] == ["sent"] * 2
    assert [ask(f"+{number}@exemple.ca") for number in range(7)] == ["sent"] * 7  # nothing before the +


def test_a_wanted_address_gets_no_more_codes_by_its_tags() -> None:
    request = RequestFactory().post("/", REMOTE_ADDR="198.51.100.9")
    with request_context(request), pytest.raises(AddressBusyError):
        for number in range(6):
            email = f"alex+{number}@exemple.ca"
            check_may_send_address_code(request, account=str(number), email=email, ticket="", at=NOW)
    assert number == 5
