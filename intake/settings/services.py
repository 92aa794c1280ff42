"""Functions that turn environment variables into Django settings, for every installation."""

import hashlib
import hmac
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parseaddr
from typing import Any
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email

from .pool import check_connection

# A web process has four threads and a Celery process one; the remaining connections are for commands.
POOL = {
    "min_size": 1,  # connections
    "max_size": 8,
    "timeout": 10,  # seconds
    "check": check_connection,
}
# Many short queries at once: starting parallel workers takes longer than a list's query, and they compete with others.
SERVER_OPTIONS = "-c max_parallel_workers_per_gather=0"
# A server, or a pooler, whose machine loses its power answers nothing, not even that the connection is gone: by the
# kernel's own limits a process would wait for two hours. Idle connections are probed after 10 s, and 3 times; sent data
# is acknowledged within 20 s. A long query is no silence: the other machine's kernel answers.
CONNECTION_LIMITS = {
    "connect_timeout": 5,  # seconds
    "keepalives_idle": 10,  # seconds
    "keepalives_interval": 5,  # seconds
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,  # milliseconds
}


def required(name: str) -> str:
    """Return a variable of the environment.

    :raises ImproperlyConfigured: if it is absent or empty; the message names it.
    """
    value = os.environ.get(name, "").strip()
    if not value:
        message = f"set the environment variable {name} (docs/operations/environment.md says how)"
        raise ImproperlyConfigured(message)
    return value


def host_names(name: str) -> list[str]:
    """Return the names of hosts of a required variable, which separates them by commas.

    :raises ImproperlyConfigured: if it is absent, or has an address; the message names the variable.
    """
    hosts = [host.strip() for host in required(name).split(",")]
    if any("/" in host for host in hosts):
        message = (
            f"{name}: give names without scheme or path, such as stages.exemple.ca,www.stages.exemple.ca"
        )
        raise ImproperlyConfigured(message)
    return hosts


def number(name: str, *, default: int, least: int = 1) -> int:
    """Return the number of a variable, or `default` if it is not set.

    :raises ImproperlyConfigured: if it is not a whole number of `least` or more; the message names the variable.
    """
    text = os.environ.get(name, "").strip() or str(default)
    if not text.isascii() or not text.isdigit() or int(text) < least:
        message = f"{name}: give a whole number of {least} or more, such as {default or 1}"
        raise ImproperlyConfigured(message)
    return int(text)


_FLAGS = dict.fromkeys(environ.Env.BOOLEAN_TRUE_STRINGS, True) | dict.fromkeys(
    ("false", "off", "n", "no", "0"), False
)


def flag(name: str, *, default: bool) -> bool:
    """Return whether a variable is on, or `default` if it is not set.

    :raises ImproperlyConfigured: if it is neither on nor off; the message names the variable.
    """
    text = os.environ.get(name, "").strip().lower()
    if not text:
        return default
    if text not in _FLAGS:
        message = f"{name}: give on or off"
        raise ImproperlyConfigured(message)
    return _FLAGS[text]


def site(name: str, *, default: str) -> str:
    """Return the public address of the portal, of a variable, or `default` if it is not set.

    :raises ImproperlyConfigured: if it is not a scheme and a host; the message names the variable.
    """
    text = os.environ.get(name, "").strip() or default
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/") or parts.query:
        message = f"{name}: give the address of the site without a path, such as https://stages.exemple.ca"
        raise ImproperlyConfigured(message)
    return text


SERVERS = {
    "DATABASE_URL": "postgres://intake_app:password@host:5432/intake",
    "CELERY_BROKER_URL": "redis://:password@host:6379/0",
    "CACHE_URL": "redis://:password@host:6379/1",
    "EMAIL_URL": "smtp+tls://user:password@host:587",
    "EMAIL_FALLBACK_URL": "smtp+tls://user:password@host:587",
}
"""An example of the address of each server, by its variable."""
_SCHEMES = {
    "DATABASE_URL": {"postgres", "postgresql"},
    "CELERY_BROKER_URL": {"redis", "rediss"},
    "CACHE_URL": {"redis", "rediss"},
    "EMAIL_URL": {"smtp", "smtp+tls", "smtp+ssl"},
    "EMAIL_FALLBACK_URL": {"smtp", "smtp+tls", "smtp+ssl"},
}


def server(name: str, url: str) -> str:
    """Return the address of a server, the value of variable `name`.

    :raises ImproperlyConfigured: if it is no such address; the message names the variable and has no part of its value.
    """
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in _SCHEMES[name] and parts.netloc != "" and parts.port != 0
    except ValueError:  # a port that is none
        is_address = False
    if not is_address:
        message = f"{name}: give an address such as {SERVERS[name]}, with the password in percent-encoding"
        raise ImproperlyConfigured(message)
    return url


@dataclass(frozen=True, slots=True)
class Maintenance:
    """A maintenance under way. `until`: when it should end; None if unknown."""

    until: datetime | None


def maintenance(text: str) -> Maintenance | None:
    """Return the maintenance that `on`, or the instant of its end such as `2027-03-01T08:00-05:00`, announces.

    None if the text is empty or `off`.

    :raises ImproperlyConfigured: if it is anything else, or an instant without an offset.
    """
    text = text.strip()
    if text.lower() in {"", "off"}:
        return None
    if text.lower() == "on":
        return Maintenance(until=None)
    try:
        until = datetime.fromisoformat(text)
    except ValueError:
        until = None
    if until is None or until.utcoffset() is None:
        message = f"MAINTENANCE: « on », or an instant such as 2027-03-01T08:00-05:00, not {text!r}"
        raise ImproperlyConfigured(message)
    return Maintenance(until=until)


def database(url: str) -> dict[str, Any]:
    """Return the database settings of `postgres://role:password@host:port/name?option=value`, with a pool."""
    settings: dict[str, Any] = environ.Env.db_url_config(server("DATABASE_URL", url))
    defaults = {"pool": dict(POOL), "options": SERVER_OPTIONS} | CONNECTION_LIMITS
    return settings | {
        "OPTIONS": defaults | settings.get("OPTIONS", {}),
        # A connection closed by a restart or by an administrator must not serve a request.
        "CONN_HEALTH_CHECKS": True,
        # Behind a pooler, a cursor that is read by several statements would be another session's.
        "DISABLE_SERVER_SIDE_CURSORS": True,
    }


CACHE_PATIENCE = 0.25  # seconds
SESSION_PATIENCE = 0.03
"""Seconds. Short, because a session is also in the database; a rate limit is only in the cache."""


def cache(
    url: str, *, patience: float = CACHE_PATIENCE, serializer: str = "SealedSerializer"
) -> dict[str, Any]:
    """Return the cache settings of `redis://:password@host:port/number`, which is also Valkey's form.

    When the server stops responding, a process's current requests wait `patience` seconds; later ones skip the cache.
    """
    return {
        "BACKEND": "intake.web.cache.FaultTolerantRedisCache",
        "LOCATION": url,
        "KEY_PREFIX": "intake",
        "OPTIONS": {
            "socket_connect_timeout": patience,
            "socket_timeout": patience,
            "serializer": f"intake.web.cache.{serializer}",
        },
    }


def caches(url: str) -> dict[str, Any]:
    """Return the default and sessions caches on the server at `url`; per-process caches if `url` is empty."""
    if not url:
        local = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
        return {"default": local, "sessions": local}
    server("CACHE_URL", url)
    sessions = cache(url, patience=SESSION_PATIENCE, serializer="JsonSerializer")
    return {"default": cache(url), "sessions": sessions}


def address(name: str, *, named: bool = False) -> str:
    """Return the email address of a variable, or an empty string if it is not set.

    `named` also allows a name before the address: `Stages OIG <stages@exemple.ca>`.

    :raises ImproperlyConfigured: if it is not an address; the message names the variable.
    """
    text = os.environ.get(name, "").strip()
    if text:
        try:
            validate_email(parseaddr(text)[1] if named else text)
        except ValidationError:
            form = "Stages OIG <stages@exemple.ca>" if named else "stages@exemple.ca"
            message = f"{name}: give one address, as {form}"
            raise ImproperlyConfigured(message) from None
    return text


def mailer(url: str, *, fallback: str = "", reported: bool = False) -> dict[str, Any]:
    """Return the mailer settings of `smtp://host:port`, `smtp+tls://user:password@host:port` or `smtp+ssl://…`.

    `fallback`: the same of the server that is given the mails while the first is away. `reported` requests delivery
    reports for each mail.
    """
    # Less than the outbox's limit per mail, also for two servers, so that the error names the server.
    seconds = 4 if fallback else 6
    options = _mail_server("EMAIL_URL", url) | {"timeout": seconds}
    if fallback:
        options["fallback"] = _mail_server("EMAIL_FALLBACK_URL", fallback) | {"timeout": seconds}
    backend = "ReportedEmailBackend" if reported else "ReusingEmailBackend"
    return {"BACKEND": f"intake.outbox.smtp.{backend}", "OPTIONS": options}


def _mail_server(name: str, url: str) -> dict[str, Any]:
    settings = environ.Env.email_url_config(server(name, url))
    return {
        "host": settings["EMAIL_HOST"],
        "port": settings["EMAIL_PORT"] or 25,
        "username": settings["EMAIL_HOST_USER"] or "",
        "password": settings["EMAIL_HOST_PASSWORD"] or "",
        "use_tls": settings.get("EMAIL_USE_TLS", False),
        "use_ssl": settings.get("EMAIL_USE_SSL", False),
    }


_STORAGE_FORMS = (
    "STORAGE_URL: give a folder shared by web and workers, as file:///srv/intake/media, or a bucket, as "
    "s3://key:secret@host/bucket?region=ca-central-1"
)


def storage(url: str) -> dict[str, Any]:
    """Return the storage settings of uploads, dossiers and exports: of `file:///folder`, or of a bucket (`s3://…`).

    :raises ImproperlyConfigured: if it is anything else; the message has no part of the address.
    """
    parts = urlsplit(url)
    if parts.scheme == "s3":
        return _bucket(parts)
    if parts.scheme != "file" or parts.netloc or not parts.path.startswith("/"):
        raise ImproperlyConfigured(_STORAGE_FORMS)
    options = {
        "location": unquote(parts.path),
        "base_url": None,  # no file has a URL: views check who may read it
        "file_permissions_mode": 0o600,
        "directory_permissions_mode": 0o700,
    }
    return {"BACKEND": "intake.web.storage.DurableFileSystemStorage", "OPTIONS": options}


_BUCKET_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


def _bucket(parts: SplitResult) -> dict[str, Any]:
    """Return the storage settings of `s3://key:secret@host:port/bucket?region=…&prefix=…&scheme=http`."""
    asked = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    secret = bucket_secret(parts.geturl())
    bucket, scheme = parts.path.strip("/"), asked.get("scheme", "https")
    try:
        port = parts.port
    except ValueError:
        bucket = ""
    problem = (
        ("a host", not parts.hostname),
        ("a key and its secret, in percent-encoding, before the host", not parts.username or not secret),
        ("one bucket after the host", not _BUCKET_NAME.fullmatch(bucket)),
        ("no option but region, prefix and scheme", bool(asked.keys() - {"region", "prefix", "scheme"})),
        ("the scheme https, or http on this machine", scheme not in {"https", "http"}),
    )
    if missing := [name for name, is_missing in problem if is_missing]:
        message = f"{_STORAGE_FORMS}: it needs {', '.join(missing)}"
        raise ImproperlyConfigured(message)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    options = {
        "endpoint": f"{scheme}://{host}{f':{port}' if port else ''}",
        "region": asked.get("region", "us-east-1"),
        "bucket": bucket,
        "prefix": asked.get("prefix", "").strip("/"),
        "access_key": unquote(parts.username or ""),
        "secret_key": secret,
    }
    return {"BACKEND": "intake.web.s3_storage.S3Storage", "OPTIONS": options}


def bucket_secret(url: str) -> str:
    """Return the secret of a bucket's address, or an empty string."""
    parts = urlsplit(url)
    return unquote(parts.password or "") if parts.scheme == "s3" else ""


@dataclass(frozen=True, slots=True)
class VirusScanner:
    """Where clamd listens: the `path` of a Unix socket, or `host` and `port`."""

    path: str = ""
    host: str = ""
    port: int = 0


def virus_scanner(url: str) -> VirusScanner | None:
    """Return the scanner of `tcp://host:3310` or `unix:///run/clamav/clamd.ctl`; None if `url` is empty.

    :raises ImproperlyConfigured: if it is anything else.
    """
    if not url:
        return None
    parts = urlsplit(url)
    if parts.query or parts.fragment or parts.username is not None:
        parts = urlsplit("")
    try:
        if parts.scheme == "unix" and not parts.netloc and parts.path.strip("/"):
            return VirusScanner(path=unquote(parts.path))
        if parts.scheme == "tcp" and parts.hostname and not parts.path.strip("/"):
            return VirusScanner(host=parts.hostname, port=parts.port or 3310)
    except ValueError:  # the port is no number
        pass
    message = "CLAMD_URL: give the scanner's socket, as unix:///run/clamav/clamd.ctl or tcp://host:3310"
    raise ImproperlyConfigured(message)


_KEY_NAME = re.compile(r"[A-Za-z0-9_-]{1,20}")
_SHORTEST_SECRET = 32  # characters; 64 of hexadecimal are 256 bits


def named_keys(variable: str, text: str) -> dict[str, str]:
    """Return the keys of `name:secret,older-name:older-secret`, the value of `variable`, the current key first.

    :raises ImproperlyConfigured: if a key has no name, a used name or a short secret; the message has no secret.
    """
    keys: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _colon, secret = (piece.strip() for piece in part.partition(":"))
        if not _KEY_NAME.fullmatch(name) or name in keys or len(secret) < _SHORTEST_SECRET:
            message = (
                f"{variable}: name:secret,older-name:older-secret, each name once (letters, figures, - and _) and "
                f"each secret {_SHORTEST_SECRET} characters or more; key {len(keys) + 1} is not so"
            )
            raise ImproperlyConfigured(message)
        keys[name] = secret
    return keys


_SECRET_NUMBER = re.compile(r"[0-9a-f]{64}")
_PUBLIC_POINT = re.compile(r"0[23][0-9a-f]{64}")
_ORDER_OF_P256 = (
    0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # FIPS 186-5, SP 800-186 3.2.1.3
)


def signing_keys(text: str) -> dict[str, str]:
    """Return the keys of `name:secret-or-public-half,older-name:…`, the current key first.

    A secret is 64 hexadecimal digits, a public half 66: see `intake.signing.services`. A process that only verifies has
    the public half of the current key too.

    :raises ImproperlyConfigured: if a key is malformed or its name is used; shows no secret.
    """
    keys: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _colon, figures = (piece.strip().lower() for piece in part.partition(":"))
        secret = bool(_SECRET_NUMBER.fullmatch(figures)) and 0 < int(figures, 16) < _ORDER_OF_P256
        if not _KEY_NAME.fullmatch(name) or name in keys or not (secret or _PUBLIC_POINT.fullmatch(figures)):
            message = (
                "SIGNING_KEYS: name:secret-or-public-half,older-name:secret-or-public-half, each name once (letters, "
                "figures, - and _), 64 hexadecimal figures or, for a public half, 66; "
                f"key {len(keys) + 1} is not so"
            )
            raise ImproperlyConfigured(message)
        keys[name] = figures
    return keys


def has_secret(keys: dict[str, str]) -> bool:
    """True if the current key of `signing_keys` can sign."""
    return bool(keys) and bool(_SECRET_NUMBER.fullmatch(next(iter(keys.values()))))


_ENCRYPTED_SCHEMES = {"rediss", "valkeys", "smtp+tls", "smtp+ssl"}
_ENCRYPTED_MODES = {"require", "verify-ca", "verify-full"}
"""Values of libpq's `sslmode` that never fall back to a connection in clear."""
_CHECKED_MODE = "verify-full"
"""The value with which libpq compares the server's certificate with its authorities and its name with the address."""
_THIS_MACHINE = {None, "", "localhost", "127.0.0.1", "::1"}


def unencrypted(addresses: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names of the `addresses` of servers on other machines to which connections are not encrypted."""
    return tuple(name for name, url in addresses.items() if url and not _is_encrypted(urlsplit(url)))


def _is_encrypted(parts: SplitResult) -> bool:
    return (
        parts.hostname in _THIS_MACHINE
        or parts.scheme in _ENCRYPTED_SCHEMES
        or (parts.scheme == "s3" and "http" not in parse_qs(parts.query).get("scheme", ()))
        or not _ENCRYPTED_MODES.isdisjoint(parse_qs(parts.query).get("sslmode", ()))
    )


def unchecked(addresses: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names of the `addresses` of servers on other machines that may show any certificate.

    Such a connection is encrypted, to a server that anybody may have put there.
    """
    return tuple(name for name, url in addresses.items() if url and _accepts_any(urlsplit(url)))


def _accepts_any(parts: SplitResult) -> bool:
    if parts.hostname in _THIS_MACHINE or not _is_encrypted(parts):
        return False
    query = parse_qs(parts.query)
    if parts.scheme == "s3":
        return False  # its client always checks
    if parts.scheme in _ENCRYPTED_SCHEMES:  # their clients check by default, and mail's always does
        return query.get("ssl_cert_reqs", ["required"]) != ["required"]
    return query["sslmode"] != [_CHECKED_MODE]


@dataclass(frozen=True, slots=True)
class IdentityProvider:
    """The identity provider of the staff. `factors`: values of `amr` and `acr` that count as a second factor."""

    issuer: str
    client_id: str
    secret: str = field(repr=False)
    factors: frozenset[str]


def identity_provider(*, issuer: str, client_id: str, secret: str, factors: str) -> IdentityProvider | None:
    """Return the identity provider, or None if no variable is set. `factors`: separated by commas.

    :raises ImproperlyConfigured: if some variables are set and others not, or the issuer is not an https address.
    """
    given = {"OIDC_ISSUER": issuer, "OIDC_CLIENT_ID": client_id, "OIDC_CLIENT_SECRET": secret}
    missing = [name for name, value in given.items() if not value.strip()]
    if len(missing) == len(given) and not factors.strip():
        return None
    if missing:
        message = (
            f"set {', '.join(missing)} too, or no variable OIDC_… (docs/operations/environment.md says how)"
        )
        raise ImproperlyConfigured(message)
    parts = urlsplit(issuer)
    if parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment:
        message = "OIDC_ISSUER: give the issuer of the provider, as https://identite.exemple.ca"
        raise ImproperlyConfigured(message)
    values = frozenset(value.strip() for value in factors.split(",") if value.strip())
    return IdentityProvider(issuer=issuer, client_id=client_id, secret=secret, factors=values)


def derived_secret(secret: str, purpose: str) -> str:
    """Return a secret derived from `secret`, for `purpose` only: it reveals neither `secret` nor other derived secrets.

    One extraction step and one expansion step, as in HKDF (RFC 5869) for an output of one block.
    """
    extracted = hmac.new(b"intake", secret.encode(), hashlib.sha256).digest()
    return hmac.new(extracted, purpose.encode() + b"\x01", hashlib.sha256).hexdigest()
