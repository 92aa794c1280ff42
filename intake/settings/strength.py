"""Weaknesses of the secrets, names and addresses of a real installation, found before it serves."""

from collections.abc import Iterable, Mapping, Sequence
from email.utils import parseaddr
from types import MappingProxyType

SHORTEST = 50
"""Characters of a Django secret key; other secrets have their own lengths, see `intake.settings.services`."""
_FEWEST_DIFFERENT = 10
"""Different characters of a secret of `SHORTEST` characters or more, and in proportion of a shorter one.

Random hexadecimal digits have fewer at most once in 10^8 secrets, whatever their number.
"""
_RESERVED = frozenset({"example", "invalid", "test"})
"""Domains that no mail server can have: RFC 2606, section 2."""
_HOW = "make one with: python3 -c 'import secrets; print(secrets.token_hex(32))'"


def weaknesses(
    *,
    secrets: Mapping[str, str],
    hosts: Sequence[str],
    addresses: Mapping[str, str] = MappingProxyType({}),
    site: str = "",
    unchecked: Sequence[str] = (),
    in_clear: Sequence[str] = (),
) -> tuple[str, ...]:
    """Return one sentence for each weak or reused secret, name or address that serves nobody, and unchecked server.

    `secrets`: by the name under which the sentence mentions them. No sentence shows a secret. `addresses`: of mail, by
    their variable. `site`: the public address. `unchecked`: variables of
    encrypted connections to a server that may show any certificate. `in_clear`: variables of servers on other machines
    to which everything a candidate sent would go unencrypted.
    """
    return (
        *_weak(secrets),
        *_reused(secrets),
        *_any_host(hosts),
        *_reserved(addresses),
        *(["SITE_URL is not https: give the public address of the site"] if site.startswith("http:") else ()),
        *(
            f"{name} accepts any certificate: write sslmode=verify-full, without ssl_cert_reqs"
            for name in unchecked
        ),
        *(f"{name} sends documents in clear: leave out scheme=http" for name in in_clear),
    )


def is_weak(secret: str) -> bool:
    """Return whether a secret has few different characters, or repeats a shorter text."""
    fewest = _FEWEST_DIFFERENT * min(len(secret), SHORTEST) // SHORTEST
    return len(set(secret)) < fewest or secret in (secret + secret)[1:-1]


def _weak(secrets: Mapping[str, str]) -> Iterable[str]:
    for name, secret in secrets.items():
        if len(secret) < SHORTEST and name.startswith("SECRET_KEY"):
            yield f"{name} has {len(secret)} characters, fewer than {SHORTEST}: {_HOW}"
        elif is_weak(secret):
            yield f"{name} repeats itself: {_HOW}"


def _reused(secrets: Mapping[str, str]) -> Iterable[str]:
    first: dict[str, str] = {}
    for name, secret in secrets.items():
        if (other := first.setdefault(secret, name)) != name:
            yield f"{name} is the same as {other}: {_HOW}"


def _any_host(hosts: Sequence[str]) -> Iterable[str]:
    if any(not host.strip(".*") for host in hosts):
        yield "ALLOWED_HOSTS allows any name: list the names of the site"


def _reserved(addresses: Mapping[str, str]) -> Iterable[str]:
    for name, address in addresses.items():
        last = parseaddr(address)[1].rpartition("@")[2].rpartition(".")[2]
        if last in _RESERVED:
            yield f"{name} is under .{last}, where no mail arrives: give an address such as stages@exemple.ca"
