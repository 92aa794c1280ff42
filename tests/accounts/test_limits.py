"""Rate limits apply across processes: the counters are in the shared cache."""

import json
import subprocess
import sys

import pytest
from allauth.account.adapter import get_adapter
from allauth.core.context import request_context
from django.test import RequestFactory
from pytest_django import Settings

from intake.accounts.limits import may_guess_code, may_send_code, may_verify_receipt
from intake.devtools.embedded import Urls

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
        granted.put(sum(may_guess_code(request, reference="one code") for _ in range(8)))

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
    assert [may_verify_receipt(here, by_file=False) for _ in range(3)] == [True, True, False]
    assert [may_verify_receipt(here, by_file=True) for _ in range(2)] == [True, False]
    assert may_verify_receipt(there, by_file=True) is True


def test_codes_are_counted_by_network_and_address_together_then_by_address(settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"sign_in_code_from_here": "1/m/key", "sign_in_code": "2/m/key"}
    first, second, third = (
        RequestFactory().post("/", REMOTE_ADDR=f"198.51.100.{rank}") for rank in (1, 2, 3)
    )
    asked = [(first, "a"), (first, "a"), (first, "b"), (second, "a"), (third, "a"), (third, "b")]
    sent = []
    for request, email in asked:
        with request_context(request):
            sent.append(may_send_code(request, email=email))
    assert sent == [True, False, True, True, False, True]


def test_guesses_are_counted_by_code_then_by_network(settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"sign_in_guess_from_here": "3/m/ip", "sign_in_guess": "2/m/key"}
    request = RequestFactory().post("/", REMOTE_ADDR="198.51.100.1")
    with request_context(request):
        assert [may_guess_code(request, reference=each) for each in "aaabb"] == [
            True,
            True,
            False,
            False,
            False,
        ]
    elsewhere = RequestFactory().post("/", REMOTE_ADDR="198.51.100.2")
    with request_context(elsewhere):
        assert [may_guess_code(elsewhere, reference=each) for each in "ab"] == [False, True]


@pytest.mark.parametrize("forged", ["203.0.113.1", "203.0.113.1, 203.0.113.2", "not an address"])
def test_the_network_address_is_the_connection_s_own(forged: str) -> None:
    request = RequestFactory().post("/", headers={"x-forwarded-for": forged}, REMOTE_ADDR="198.51.100.7")
    assert get_adapter().get_client_ip(request) == "198.51.100.7"
