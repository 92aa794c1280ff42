"""Steps of a sign-in, and what its mail holds."""

import re
from typing import Any

from django.core import mail
from django.test import Client

SIGN_IN, CONFIRM, RESEND = "/connexion/", "/connexion/code/", "/connexion/code/renvoyer/"
CLOSED = "/connexion/compte-ferme/"


def ask(client: Client, email: str, **extra: Any) -> Any:
    return client.post(SIGN_IN, {"email": email} | extra)


def last_code() -> str:
    found = re.search(r"(\d{3})\u00a0(\d{3})", str(mail.outbox[-1].body))
    assert found
    return found[1] + found[2]


def last_link() -> str:
    found = re.search(r"/connexion/courriel/[^/]+/", str(mail.outbox[-1].body))
    assert found
    return found[0]


def wrong_code() -> str:
    return f"{(int(last_code()) + 1) % 1_000_000:06d}"


def text_of(response: Any) -> str:
    return str(response.content.decode())
