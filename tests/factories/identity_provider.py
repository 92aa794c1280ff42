"""A small identity provider on this machine: discovery, keys, and a token endpoint that checks what it gets."""

import base64
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, override
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from intake.accounts.identity_provider.provider import code_challenge
from intake.settings.services import IdentityProvider

CLIENT, SECRET = "portail", "secret-of-the-tests"
FACTOR: Final = "mfa"
"""Value of `amr` that counts as a second factor."""


def make_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Provider:
    """What one test changes: `claims` of the next tokens, their `key` and `header`, and the `configuration`."""

    def __init__(self, url: str, key: rsa.RSAPrivateKey) -> None:
        self.url = url
        self.published = key
        self.posted: list[dict[str, str]] = []
        """The forms that the portal posted to the token endpoint."""
        self._asked: dict[str, dict[str, str]] = {}
        self.reset()

    def reset(self) -> None:
        """Answer as a provider that is in order, about a person who confirmed with a second factor just now."""
        self.key: Any = self.published
        self.algorithm = "RS256"
        self.header: dict[str, Any] = {"kid": "one"}
        self.claims: dict[str, Any] = {}
        self.configuration: dict[str, Any] = {}
        self.answers: dict[str, tuple[int, bytes]] = {}
        """Status and body in place of the usual ones, by path."""
        self.posted.clear()

    @property
    def settings(self) -> IdentityProvider:
        """Return the portal's settings for this provider."""
        return IdentityProvider(
            issuer=self.url, client_id=CLIENT, secret=SECRET, factors=frozenset({FACTOR, "niveau-2"})
        )

    def sign_in(self, location: str, **changed: str) -> str:
        """Sign the person in at the address to which the portal redirected; return the path of the answer."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
        code = secrets.token_urlsafe(8)
        self._asked[code] = asked
        answer = {"code": code, "state": asked["state"], "iss": self.url} | changed
        return f"{urlsplit(asked['redirect_uri']).path}?{urlencode({k: v for k, v in answer.items() if v})}"

    def answer(self, path: str, form: dict[str, str], authorization: str) -> tuple[int, bytes]:
        """Return the status and body of a request."""
        if path in self.answers:
            return self.answers[path]
        if path == "/.well-known/openid-configuration":
            return _json(
                {
                    "issuer": self.url,
                    "authorization_endpoint": f"{self.url}/authorize",
                    "token_endpoint": f"{self.url}/token",
                    "jwks_uri": f"{self.url}/keys",
                }
                | self.configuration
            )
        if path == "/keys":
            key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.published.public_key()))
            return _json({"keys": [key | {"kid": "one", "use": "sig", "alg": "RS256"}]})
        return self._token(form, authorization)

    def _token(self, form: dict[str, str], authorization: str) -> tuple[int, bytes]:
        self.posted.append(form)
        asked = self._asked.pop(form.get("code", ""), None)
        client = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if (
            asked is None
            or authorization != f"Basic {client}"
            or form["redirect_uri"] != asked["redirect_uri"]
            or code_challenge(form["code_verifier"]) != asked["code_challenge"]
        ):
            return 400, b'{"error": "invalid_grant"}'
        now = int(time.time())
        claims = {
            "iss": self.url,
            "sub": "personne-1",
            "aud": CLIENT,
            "exp": now + 300,
            "iat": now,
            "auth_time": now,
            "nonce": asked["nonce"],
            "email": "Personnel@Exemple.invalid",
            "email_verified": True,
            "amr": ["pwd", FACTOR],
        } | self.claims
        claims = {name: value for name, value in claims.items() if value is not None}
        token = jwt.encode(claims, self.key, algorithm=self.algorithm, headers=self.header)
        return _json({"access_token": "x", "token_type": "Bearer", "id_token": token})


@contextmanager
def running_provider() -> Iterator[Provider]:
    """Serve a provider on a free port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.provider = Provider(f"http://127.0.0.1:{server.server_port}", make_key())  # type: ignore[attr-defined]  # -- for the handler
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield server.provider  # type: ignore[attr-defined]  # -- as above
    server.shutdown()
    server.server_close()
    thread.join()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self._send(*self.server.provider.answer(self.path, {}, ""))  # type: ignore[attr-defined]  # -- set by `running_provider`

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(text).items()}
        self._send(*self.server.provider.answer(self.path, form, self.headers.get("Authorization", "")))  # type: ignore[attr-defined]  # -- as above

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "http://127.0.0.1:1/")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    @override
    def log_message(self, *_arguments: Any) -> None:
        """Write nothing."""


def _json(value: dict[str, Any]) -> tuple[int, bytes]:
    return 200, json.dumps(value).encode()
