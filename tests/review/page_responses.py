"""Parts of a response: the view's template context, its messages, its redirect."""

from importlib import import_module
from typing import Any

from django.contrib import admin
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.http import HttpRequest
from django.test import RequestFactory
from django.urls import reverse

from intake.accounts.models import User


def view_context(answer: Any) -> dict[str, Any]:
    """Return the view's template context, without the frame of the administration."""
    frame = admin.site.each_context(answer.wsgi_request)
    return {name: value for name, value in answer.context_data.items() if name not in frame}


def queued_messages(answer: Any) -> list[tuple[str, str]]:
    """Return level and text of each message that a response queues for the next page, with plain spaces."""
    waiting = answer.wsgi_request._messages._queued_messages
    return [(message.level_tag, str(message).replace("\u00a0", " ")) for message in waiting]


def redirect_of(answer: Any) -> tuple[str, list[tuple[str, str]]]:
    """Return the target and the messages of a redirect."""
    assert answer.status_code == 302, answer.content.decode()
    return answer.headers["Location"], queued_messages(answer)


def asked_by(user: User, address: str = "/", **query: str) -> HttpRequest:
    """Return a request of `user`, in a new session."""
    request = RequestFactory().get(address, query)
    request.user, request.session = user, SessionStore()
    return request


def url(name: str, *args: Any) -> str:
    """Return the address of a page of `review`."""
    return reverse(f"review:{name}", args=args)


def page(name: str) -> Any:
    """Return the module of a page, by its path within `intake.review`."""
    return import_module(f"intake.review.{name}")


def refusing(refusal: Exception) -> Any:
    """Return an operation that always raises `refusal`, as after a concurrent change."""

    def refuse(*_args: Any, **_asked: Any) -> None:
        raise refusal

    return refuse
