"""Weak secrets, reused secrets and hosts that allow any name are refused before serving."""

import secrets

import pytest

from intake.settings.strength import is_weak, weaknesses
from tests.settings.environment import NEEDED, REGISTER_KEY, REST, run

_HOW = "make one with: python3 -c 'import secrets; print(secrets.token_hex(32))'"


def _of(**given: str) -> tuple[str, ...]:
    return weaknesses(secrets={"SECRET_KEY": secrets.token_hex(32)} | given, hosts=["stages.exemple.ca"])


def test_random_secrets_and_named_hosts_are_accepted() -> None:
    hosts = ["stages.exemple.ca", ".exemple.ca", "10.0.0.5", "[::1]"]
    for _time in range(200):
        given = {
            "SECRET_KEY": secrets.token_urlsafe(50),
            "a": secrets.token_hex(32),
            "b": secrets.token_hex(16),
        }
        assert weaknesses(secrets=given, hosts=hosts) == ()


def test_a_short_random_secret_may_have_few_different_digits() -> None:
    assert not is_weak("0a1b2c3d0c1a4d2b0b3c1d4a2a0d3b1c")  # 9 of 16 digits, as one in 10,000 of this length
    assert is_weak("0a1b0c1a0b1c0a0c1b1a0b0c1c0a1b0a")


@pytest.mark.parametrize(
    "secret",
    ["x" * 64, "ab" * 32, "0123456789" * 6, "0123456789ab" * 5, "123456789" * 7 + "1", "000000001" * 8],
)
def test_a_secret_that_repeats_itself_is_weak(secret: str) -> None:
    assert is_weak(secret)
    assert _of(SECRET_KEY=secret) == (f"SECRET_KEY repeats itself: {_HOW}",)
    assert _of(other=secret) == (f"other repeats itself: {_HOW}",)


def test_a_short_secret_key_is_refused_by_its_length() -> None:
    long_enough = secrets.token_hex(25)
    assert _of(SECRET_KEY=long_enough) == ()
    assert _of(SECRET_KEY=long_enough[1:]) == (f"SECRET_KEY has 49 characters, fewer than 50: {_HOW}",)


def test_a_secret_used_twice_is_refused_by_both_names() -> None:
    secret = secrets.token_hex(32)
    assert _of(a=secret, b=secret) == (f"b is the same as a: {_HOW}",)


@pytest.mark.parametrize("host", ["*", ".", "", "*.", ".*"])
def test_a_host_that_allows_any_name_is_refused(host: str) -> None:
    found = weaknesses(secrets={}, hosts=["stages.exemple.ca", host])
    assert found == ("ALLOWED_HOSTS allows any name: list the names of the site",)


@pytest.mark.servers
@pytest.mark.parametrize(
    "name, value, said",
    [
        (
            "STORAGE_URL",
            f"s3://a:{REGISTER_KEY}@s3.exemple.invalid/documents?scheme=http",
            (
                f"STORAGE_URL is the same as REGISTER_KEYS, key 2031: {_HOW}; "
                "STORAGE_URL sends documents in clear: leave out scheme=http"
            ),
        ),
        ("SECRET_KEY", "short", f"SECRET_KEY has 5 characters, fewer than 50: {_HOW}"),
        ("ALLOWED_HOSTS", "*", "ALLOWED_HOSTS allows any name: list the names of the site"),
        ("REGISTER_KEYS", "2031:" + "r" * 40, f"REGISTER_KEYS, key 2031 repeats itself: {_HOW}"),
        ("SIGNING_KEYS", "2031:" + "5" * 64, f"SIGNING_KEYS, key 2031 repeats itself: {_HOW}"),
        (
            "DATABASE_URL",
            "postgres://intake_app:b@db.exemple.invalid/intake?sslmode=require",
            "DATABASE_URL accepts any certificate: write sslmode=verify-full, without ssl_cert_reqs",
        ),
        ("SECRET_KEY", REGISTER_KEY, f"REGISTER_KEYS, key 2031 is the same as SECRET_KEY: {_HOW}"),
    ],
)
def test_serving_is_refused_in_one_line_with_a_weak_setting(name: str, value: str, said: str) -> None:
    answer = run("-c", "import intake.wsgi", **(NEEDED | REST | {name: value}))
    assert (answer.returncode, answer.stderr) == (1, f"intake: not serving: {said}\n")


@pytest.mark.parametrize("value", ["one", "-1", "1.5", "²"])
def test_a_number_of_proxies_that_is_no_number_is_refused(value: str) -> None:
    answer = run("manage.py", "check", **(NEEDED | {"TRUSTED_PROXY_COUNT": value}))
    assert answer.returncode != 0
    assert answer.stderr.splitlines()[-1].endswith("TRUSTED_PROXY_COUNT: give a whole number, 0 or more")
