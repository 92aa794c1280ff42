"""A user who is not signed in is redirected to sign-in with a reason, and a posted form is kept."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.session import SessionStorage
from django.contrib.sessions.backends.base import SessionBase
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils.translation import gettext_lazy

from intake.accounts.login_required import SESSION_KEY, pop_saved_form, require_login

KEPT = (
    "Votre session était terminée : rien n’est encore enregistré. Connectez-vous de nouveau. Le "
    "formulaire reviendra avec vos "
    "réponses."
)
LOST = (
    "Votre session était terminée : rien n’est enregistré ni déposé. "
    "Connectez-vous de nouveau, puis recommencez cette action."
)
WELCOME = gettext_lazy("Connectez-vous d’abord.")
TYPED: dict[str, Any] = {"nom": "Côté", "langues": ["fr", "en"], "csrfmiddlewaretoken": "x"}
FIELDS = {"nom": ["Côté"], "langues": ["fr", "en"]}


def _request(path: str = "/profil/?page=2", sent: dict[str, Any] | None = None, method: str = "POST") -> Any:
    factory = RequestFactory()
    request: Any = factory.post(path, sent) if sent is not None else factory.generic(method, path)
    request.session, request.user = SessionBase(), AnonymousUser()
    request._messages = SessionStorage(request)
    return request


def _messages(request: Any) -> list[tuple[int, str]]:
    return [(message.level, str(message)) for message in messages.get_messages(request)]


@pytest.mark.parametrize(
    "options, sent, kept, said",
    [
        ({"keeps_form": True}, TYPED, True, [(messages.WARNING, KEPT)]),
        ({"keeps_form": True, "said_when_kept": WELCOME}, TYPED, True, [(messages.INFO, str(WELCOME))]),
        ({"keeps_form": True, "said_when_kept": WELCOME}, {}, False, [(messages.WARNING, LOST)]),
        ({}, TYPED, False, [(messages.WARNING, LOST)]),
        (
            {"keeps_form": True},
            TYPED | {"cv": SimpleUploadedFile("cv.pdf", b"%PDF")},
            False,
            [(messages.WARNING, LOST)],
        ),
        ({"keeps_form": True}, None, False, []),
    ],
)
def test_a_message_reports_whether_the_posted_form_was_kept(
    options: dict[str, Any],
    sent: dict[str, Any] | None,
    kept: bool,  # noqa: FBT001 -- a table's column
    said: list[tuple[int, str]],
) -> None:
    request = _request(sent=sent, method="GET")
    answer = require_login(**options)(lambda _request: HttpResponse("theirs"))(request)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/connexion/?next=/profil/%3Fpage%3D2")
    assert "no-store" in answer.headers["Cache-Control"]
    assert request.session.get(SESSION_KEY) == ({"path": "/profil/", "fields": FIELDS} if kept else None)
    assert _messages(request) == said


def test_a_signed_in_user_reaches_the_view_with_its_arguments() -> None:
    request = _request(sent=TYPED)
    request.user = SimpleNamespace(is_authenticated=True)
    view = require_login(keeps_form=True)(lambda _request, *args, **kwargs: HttpResponse(f"{args} {kwargs}"))
    answer: Any = view(request, 3, number="2027")
    assert answer.content.decode() == "(3,) {'number': '2027'}"
    assert "no-store" in answer.headers["Cache-Control"]
    assert (_messages(request), SESSION_KEY in request.session) == ([], False)


@pytest.mark.parametrize(
    "method, path, owner, public_id, taken, left",
    [
        ("GET", "/profil/", None, "7", True, False),
        ("GET", "/profil/?page=3", "7", "7", True, False),
        ("GET", "/profil/", "7", "8", False, False),
        ("GET", "/profil/", "", "8", False, False),
        ("POST", "/profil/", "7", "7", False, True),
        ("GET", "/candidatures/", "7", "7", False, True),
    ],
)
def test_a_kept_form_is_restored_once_at_its_address_to_its_owner(
    method: str,
    path: str,
    owner: str | None,
    public_id: str,
    taken: bool,  # noqa: FBT001 -- a table's column
    left: bool,  # noqa: FBT001 -- a table's column
) -> None:
    request = _request(path, method=method)
    request.user = SimpleNamespace(public_id=public_id)
    fields = FIELDS | ({"owner": [owner]} if owner is not None else {})
    request.session[SESSION_KEY] = {"path": "/profil/", "fields": fields}
    found = pop_saved_form(request)
    assert (dict(found.lists()) if found is not None else None) == (fields if taken else None)
    assert (SESSION_KEY in request.session) is left
    assert pop_saved_form(request) is None


@pytest.mark.parametrize(
    "url, allowed",
    [
        ("/connexion/", "GET, HEAD, POST"),
        ("/connexion/code/", "GET, HEAD, POST"),
        ("/connexion/code/renvoyer/", "POST"),
        ("/connexion/compte-ferme/", "GET"),
        ("/deconnexion/", "POST"),
    ],
)
def test_each_address_accepts_only_its_methods(client: Client, url: str, allowed: str) -> None:
    assert client.put(url).headers["Allow"] == allowed
