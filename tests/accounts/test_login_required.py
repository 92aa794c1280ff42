"""A user who is not signed in is redirected to sign-in with a reason, and a posted form is kept."""

import secrets
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.session import SessionStorage
from django.contrib.sessions.backends.base import SessionBase
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse, QueryDict
from django.test import Client, RequestFactory

from intake.accounts.login_required import SESSION_KEY, Notice, pop_saved_form, require_login

KEPT = (
    "Votre session était terminée : rien n’est encore enregistré. Connectez-vous de nouveau dans les 30 minutes : le "
    "formulaire reviendra avec vos "
    "réponses."
)
LOST = (
    "Votre session était terminée : rien n’est enregistré ni déposé. "
    "Connectez-vous de nouveau, puis recommencez cette action."
)
TYPED: dict[str, Any] = {"nom": "Côté", "langues": ["fr", "en"], "csrfmiddlewaretoken": "x"}
FIELDS = {"nom": ["Côté"], "langues": ["fr", "en"]}


def _request(path: str = "/profil/?page=2", sent: dict[str, Any] | None = None, method: str = "POST") -> Any:
    factory = RequestFactory()
    request: Any = factory.post(path, sent) if sent is not None else factory.generic(method, path)
    request.session, request.user = SessionBase(), AnonymousUser()
    request._messages = SessionStorage(request)
    return request


def _back(cookie: str, path: str = "/profil/?page=2") -> Any:
    """Return the request of a browser that keeps a form, after the sign-in."""
    request = _request(path, method="GET")
    request.COOKIES["form"] = cookie
    return request


def _typed(fields: dict[str, list[str]]) -> QueryDict:
    typed = QueryDict(mutable=True)
    for name, texts in fields.items():
        typed.setlist(name, texts)
    return typed


def _messages(request: Any) -> list[tuple[int, str]]:
    return [(message.level, str(message)) for message in messages.get_messages(request)]


@pytest.mark.parametrize(
    "options, sent, kept, notice",
    [
        ({"keeps_form": True}, TYPED, True, "&motif=formulaire"),
        ({"keeps_form": True, "when_kept": Notice.ANSWERS_WAIT}, TYPED, True, "&motif=reponses"),
        ({"keeps_form": True, "when_kept": Notice.ANSWERS_WAIT}, {}, False, "&motif=fin"),
        ({}, TYPED, False, "&motif=fin"),
        (
            {"keeps_form": True},
            TYPED | {"cv": SimpleUploadedFile("cv.pdf", b"%PDF")},
            False,
            "&motif=fin",
        ),
        ({"keeps_form": True}, None, False, ""),
    ],
)
def test_a_notice_reports_whether_the_posted_form_was_kept(
    options: dict[str, Any],
    sent: dict[str, Any] | None,
    kept: bool,  # noqa: FBT001 -- a table's column
    notice: str,
) -> None:
    request = _request(sent=sent, method="GET")
    answer: Any = require_login(**options)(lambda _request: HttpResponse("theirs"))(request)
    where = f"/connexion/?next=/profil/%3Fpage%3D2{notice}"
    assert (answer.status_code, answer.headers["Location"]) == (302, where)
    assert "no-store" in answer.headers["Cache-Control"]
    assert request.session.is_empty()
    assert _messages(request) == []
    assert ("form" in answer.cookies) is kept
    if kept:
        cookie = answer.cookies["form"]
        assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", 1800)
        assert pop_saved_form(_back(cookie.value)) == _typed(FIELDS)


@pytest.mark.parametrize(
    "notice, said",
    [
        ("formulaire", [("warning", KEPT)]),
        ("autre", []),
    ],
)
def test_the_sign_in_page_shows_a_known_notice_only(
    client: Client, notice: str, said: list[tuple[str, str]]
) -> None:
    page = client.get("/connexion/", {"motif": notice})
    assert [(one.level_tag, str(one)) for one in page.context["messages"]] == said
    assert set(client.cookies) == {"csrftoken"}


def test_a_form_too_long_for_a_cookie_stays_in_the_page() -> None:
    noise = secrets.token_urlsafe(3000)
    request = _request(sent={"texte": f"mon texte {noise}"})
    answer: Any = require_login(keeps_form=True)(lambda _request: HttpResponse("theirs"))(request)
    assert answer.status_code == 403
    assert noise in answer.content.decode()
    assert not answer.cookies
    assert request.session.is_empty()


def test_the_decorator_deletes_the_cookie_of_a_form_that_the_view_showed() -> None:
    view = require_login(keeps_form=True)(lambda _request: HttpResponse("theirs"))
    posted: Any = view(_request(sent=TYPED))
    for path, deleted in (("/profil/?page=2", True), ("/candidatures/", False)):
        back = _back(posted.cookies["form"].value, path)
        back.user = SimpleNamespace(is_authenticated=True)
        answer: Any = view(back)
        assert ("form" in answer.cookies) is deleted
        assert not deleted or answer.cookies["form"]["max-age"] == 0


def test_a_form_without_the_portal_s_signature_is_ignored() -> None:
    for value in ("", "x", signing.dumps({"path": "/profil/", "fields": {}})):
        assert pop_saved_form(_back(value)) is None


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
