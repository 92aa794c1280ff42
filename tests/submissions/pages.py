"""How tests of the candidate's pages ask for them and read them."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse

from intake.submissions.filing.form_version import form_version_of
from intake.submissions.models import Draft
from tests.factories.people import client_of
from tests.factories.submissions import ALL_DECLARATIONS


def url(name: str, draft: Draft, *args: object) -> str:
    """Return the address of one of a draft's pages."""
    return reverse(f"submissions:{name}", args=[draft.submission.public_id, *args])


def browser_of(draft: Draft) -> Client:
    """Return a browser in which the draft's candidate is signed in."""
    return client_of(draft.submission.candidate)


def pressed(draft: Draft, **typed: str) -> dict[str, str]:
    """Return what the button sends of a page that shows the draft as it is now, every declaration accepted."""
    shown = str(form_version_of(Draft.objects.get(pk=draft.pk)))
    return dict.fromkeys(ALL_DECLARATIONS, "on") | {"seen": shown} | typed


def text_of(content: bytes) -> str:
    """Return a page with its white space folded; non-breaking spaces too."""
    return re.sub(r"\s+", " ", content.decode())


def between(text: str, start: str, end: str) -> str:
    """Return what stands between two marks; raise ValueError if either is not there."""
    rest = text[text.index(start) + len(start) :]
    return rest[: rest.index(end)]


def comparable_page(client: Client, page: str) -> str:
    """Return a page that opens, without what changes from one answer to the next."""
    answer = client.get(page)
    assert answer.status_code == 200, page
    return without_its_address(answer.content, page)


def without_its_address(content: bytes, page: str) -> str:
    """Return a page without its own address, its CSRF token and its reference."""
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", content.decode())
    text = text.replace(quote(page, safe=""), "").replace(page, "")
    return re.sub(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", "", text)


def view_context(answer: Any) -> dict[str, Any]:
    """Return all that a view gave the template of its answer, but for the instant, which is an aware one.

    The addresses of the frame stand there too, once it is drawn: they are the frame's own.
    """
    whole = next(context.dicts[-1] for context in answer.context if "now" in context.dicts[-1])
    given = {key: value for key, value in whole.items() if not key.endswith("_url")}
    assert given.pop("now").tzinfo is not None
    return given


def change_after_read(
    monkeypatch: pytest.MonkeyPatch, room: Any, reader: str, then: Callable[[], None]
) -> None:
    """Do `then` when the page of `room` has read its draft, as another request would."""
    reads = getattr(room, reader)

    def answered(*args: Any, **kwargs: Any) -> Any:
        found = reads(*args, **kwargs)
        monkeypatch.setattr(room, reader, reads)
        then()
        return found

    monkeypatch.setattr(room, reader, answered)
