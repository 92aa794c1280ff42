"""The identity provider: its addresses and keys, and what it states of a person, each time as it publishes them now.

The flow is the authorization code's, with PKCE, `state` and `nonce` (OpenID Connect Core 1.0, RFC 7636, RFC 9207). An
ID token counts only with a signature by a key of the configured issuer, whichever way it came.
"""

import base64
import datetime as dt
import hashlib
import http.client
import json
import urllib.request
from dataclasses import dataclass
from typing import Any, Final, override
from urllib.error import URLError
from urllib.parse import quote, urlencode, urlsplit

import jwt
from django.conf import settings
from django.utils.crypto import constant_time_compare

from intake.accounts.identity_provider.errors import AnswerRefusedError, ProviderUnavailableError, Reason
from intake.accounts.models import fold_email
from intake.accounts.second_factor.checks import RECENT
from intake.settings.services import IdentityProvider

ALGORITHMS: Final = ("RS256", "PS256", "ES256")
"""Of signatures: by a key pair alone, so that no published key can be taken for a shared secret."""
TIMEOUT: Final = 5
"""Seconds for each request to the provider."""
_LONGEST: Final = 256 * 1024
"""Bytes of an answer."""
_LONGEST_SUBJECT: Final = 255
"""Characters (OpenID Connect Core 1.0, 2)."""
_DRIFT: Final = 30
"""Seconds by which the clocks may differ."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What the provider states of the person who signed in."""

    subject: str
    email: str
    """Folded; empty unless the provider has verified it."""
    factor_at: dt.datetime | None
    """When the provider checked a second factor; None if not, or more than 15 minutes ago."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follow no redirect: a token and the client's secret go to the configured provider alone."""

    @override
    def redirect_request(self, *_arguments: Any, **_named: Any) -> None:
        return None


def configured() -> IdentityProvider:
    """Return the provider that the settings name.

    :raises ProviderUnavailableError: if they name none; its addresses do not exist then.
    """
    found = settings.OIDC
    if found is None:
        raise ProviderUnavailableError(reason=Reason.CONFIGURATION)
    return found


def authorization_url(*, redirect_uri: str, state: str, nonce: str, verifier: str, again: bool) -> str:
    """Return where the browser goes. `again`: the provider asks a person who is signed in there all the same.

    :raises ProviderUnavailableError: if the provider's configuration cannot be read.
    """
    query = {
        "client_id": configured().client_id,
        "code_challenge": code_challenge(verifier),
        "code_challenge_method": "S256",
        "max_age": str(RECENT),
        "nonce": nonce,
        "redirect_uri": redirect_uri,
        "response_type": "code",
        "scope": "openid email",
        "state": state,
    } | ({"prompt": "login"} if again else {})
    return f"{_configuration()['authorization_endpoint']}?{urlencode(query)}"


def code_challenge(verifier: str) -> str:
    """Return the challenge of a PKCE verifier (RFC 7636, 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def read_answer(*, code: str, redirect_uri: str, nonce: str, verifier: str, at: dt.datetime) -> Statement:
    """Exchange the code of an answer, and return what the ID token states.

    :raises AnswerRefusedError: if the provider refuses the code, or the token is not valid for this request.
    :raises ProviderUnavailableError: if it does not answer.
    """
    configuration = _configuration()
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": verifier,
    }
    answer = _fetch(configuration["token_endpoint"], form=form)
    token = answer.get("id_token")
    if not isinstance(token, str):
        raise AnswerRefusedError(reason=Reason.NO_STATEMENT)
    return _statement(_claims(token, _fetch(configuration["jwks_uri"])), nonce, at)


def _claims(token: str, keys: dict[str, Any]) -> dict[str, Any]:
    """Return the claims of an ID token that a published key signed, for this client, by this issuer."""
    try:
        name = jwt.get_unverified_header(token).get("kid")
        named = [key for key in jwt.PyJWKSet.from_dict(keys).keys if name in {None, key.key_id}]
    except jwt.PyJWTError as error:
        raise AnswerRefusedError(reason=Reason.NOT_VALID) from error
    if len(named) != 1:
        raise AnswerRefusedError(reason=Reason.UNKNOWN_KEY)
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            named[0],
            algorithms=list(ALGORITHMS),
            audience=configured().client_id,
            issuer=configured().issuer,
            leeway=_DRIFT,
            options={"require": ["iss", "sub", "aud", "exp", "iat", "nonce"]},
        )
    except jwt.PyJWTError as error:
        raise AnswerRefusedError(reason=Reason.NOT_VALID) from error
    is_alone = isinstance(claims["aud"], str) or len(claims["aud"]) == 1
    if claims.get("azp", configured().client_id if is_alone else "") != configured().client_id:
        raise AnswerRefusedError(reason=Reason.OTHER_CLIENT)
    return claims


def _statement(claims: dict[str, Any], nonce: str, at: dt.datetime) -> Statement:
    if not constant_time_compare(str(claims["nonce"]), nonce):
        raise AnswerRefusedError(reason=Reason.NONCE)
    if not 0 < len(claims["sub"]) <= _LONGEST_SUBJECT:
        raise AnswerRefusedError(reason=Reason.SUBJECT)
    email = claims.get("email")
    is_verified = claims.get("email_verified") is True and isinstance(email, str)
    return Statement(
        subject=claims["sub"],
        email=fold_email(str(email)) if is_verified else "",
        factor_at=_factor_at(claims, at),
    )


def _factor_at(claims: dict[str, Any], at: dt.datetime) -> dt.datetime | None:
    methods = claims.get("amr")
    stated = {str(method) for method in methods} if isinstance(methods, list) else set()
    stated.add(str(claims.get("acr", "")))
    when = claims.get("auth_time")
    if not stated & configured().factors or not isinstance(when, int | float):
        return None
    if not -_DRIFT <= at.timestamp() - when <= RECENT + _DRIFT:
        return None
    return min(dt.datetime.fromtimestamp(when, dt.UTC), at)


def _configuration() -> dict[str, Any]:
    """Return the provider's configuration (OpenID Connect Discovery 1.0), if it is of the configured issuer."""
    found = _fetch(f"{configured().issuer.rstrip('/')}/.well-known/openid-configuration")
    addresses = [found.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
    if found.get("issuer") != configured().issuer or not all(_is_safe(address) for address in addresses):
        raise ProviderUnavailableError(reason=Reason.CONFIGURATION)
    return found


def _is_safe(address: object) -> bool:
    """Return whether an address is encrypted, or the issuer itself is on this machine, as in a rehearsal."""
    return str(address).partition(":")[0] in {"https", urlsplit(configured().issuer).scheme}


def _fetch(address: str, *, form: dict[str, str] | None = None) -> dict[str, Any]:
    """Return the JSON object at an address of the provider; with a `form`, post it with the client's secret."""
    request = urllib.request.Request(address, headers={"Accept": "application/json"})  # noqa: S310 -- the settings and `_is_safe` checked it
    if form is not None:
        client = f"{quote(configured().client_id, safe='')}:{quote(configured().secret, safe='')}"
        request.add_header("Authorization", "Basic " + base64.b64encode(client.encode()).decode())
        request.data = urlencode(form).encode()
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=TIMEOUT) as answer:
            found = json.loads(answer.read(_LONGEST))
    except urllib.request.HTTPError as error:
        if form is not None and error.code in {400, 401}:
            raise AnswerRefusedError(reason=Reason.CODE) from error
        raise ProviderUnavailableError(reason=Reason.STATUS) from error
    except (URLError, OSError, http.client.HTTPException, ValueError) as error:
        raise ProviderUnavailableError(reason=Reason.NO_ANSWER) from error
    if not isinstance(found, dict):
        raise ProviderUnavailableError(reason=Reason.NO_ANSWER)
    return found
