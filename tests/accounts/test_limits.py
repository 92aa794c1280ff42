"""Rates hold across processes: they are counted in the cache that all of them share."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from allauth.account.adapter import get_adapter
from django.test import RequestFactory

from intake.embedded import Urls

GUESS_ALL_ONE_CAN = """
import sys
from django.conf import settings
settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": sys.argv[1]}}
import django
django.setup()
from django.test import RequestFactory
from allauth.core.context import request_context
from intake.accounts.limits import may_guess_code
request = RequestFactory().post("/connexion/code/")
with request_context(request):
    print(sum(may_guess_code(request, reference="one code") for _ in range(8)))
"""


def guess_in_a_process(cache_url: str) -> int:
    """Return how many of eight guesses at one code were let through in a process of its own."""
    command = [sys.executable, "-W", "ignore", "-c", GUESS_ALL_ONE_CAN, cache_url]
    return int(subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout)


def test_five_guesses_in_all_however_many_processes_guess(embedded_servers: Urls) -> None:
    with ThreadPoolExecutor(max_workers=3) as pool:
        granted = list(pool.map(guess_in_a_process, [embedded_servers.cache] * 3))
    assert sum(granted) == 5


@pytest.mark.parametrize("forged", ["203.0.113.1", "203.0.113.1, 203.0.113.2", "not an address"])
def test_the_network_address_is_the_connection_s_own(forged: str) -> None:
    request = RequestFactory().post("/", headers={"x-forwarded-for": forged}, REMOTE_ADDR="198.51.100.7")
    assert get_adapter().get_client_ip(request) == "198.51.100.7"
