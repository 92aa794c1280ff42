"""Helpers that request and read the candidate's pages."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse

from intake.submissions.access.queries import own_submission
from intake.submissions.drafts.operations import save_section
from intake.submissions.filing.form_version import form_version_of
from intake.submissions.filing.operations import file_draft
from intake.submissions.models import Draft, Receipt, Submission
from intake.submissions.questions.sections import Section, section_by_key
from tests.factories.people import client_of
from tests.factories.submissions import ALL_DECLARATIONS


def url(name: str, draft: Draft, *args: object) -> str:
    """Return the address of one of a draft's pages."""
    return reverse(f"submissions:{name}", args=[draft.submission.public_id, *args])


def browser_of(draft: Draft) -> Client:
    """Return a browser in which the draft's candidate is signed in."""
    return client_of(draft.submission.candidate)


def pressed(draft: Draft, **typed: str) -> dict[str, str]:
    """Return the data that the button sends from a page of the current draft, with every declaration accepted."""
    shown = str(form_version_of(Draft.objects.get(pk=draft.pk)))
    return dict.fromkeys(ALL_DECLARATIONS, "on") | {"seen": shown} | typed


def text_of(content: bytes) -> str:
    """Return a page with white space and non-breaking spaces folded, and ordinals as in plain text: `1er`."""
    return re.sub(r"\s+", " ", re.sub("</?sup>", "", content.decode()))


def between(text: str, start: str, end: str) -> str:
    """Return the text between two marks.

    :raises ValueError: if a mark is missing.
    """
    rest = text[text.index(start) + len(start) :]
    return rest[: rest.index(end)]


def comparable_page(client: Client, page: str) -> str:
    """Return a page without the parts that differ per response."""
    answer = client.get(page)
    assert answer.status_code == 200, page
    return without_its_address(answer.content, page)


def without_its_address(content: bytes, page: str) -> str:
    """Return a page without its own address, its CSRF token and its request id."""
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", content.decode())
    text = re.sub(r'name="page" value="\w+\.0"|data-now="[^"]+"', "", text)
    text = text.replace(quote(page, safe=""), "").replace(page, "")
    return re.sub(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", "", text)


def view_context(answer: Any) -> dict[str, Any]:
    """Return the view's template context without the instant `now`, which must be aware.

    A rendered frame adds its own addresses, which are left out.
    """
    whole = next(context.dicts[-1] for context in answer.context if "now" in context.dicts[-1])
    given = {key: value for key, value in whole.items() if not key.endswith("_url")}
    assert given.pop("now").tzinfo is not None
    return given


def change_after_read(
    monkeypatch: pytest.MonkeyPatch, room: Any, reader: str, then: Callable[[], object]
) -> None:
    """Call `then` once `reader` of the module `room` has read its data, as a concurrent request would."""
    reads = getattr(room, reader)

    def answered(*args: Any, **kwargs: Any) -> Any:
        found = reads(*args, **kwargs)
        monkeypatch.setattr(room, reader, reads)
        then()
        return found

    monkeypatch.setattr(room, reader, answered)


def file_now(draft: Draft, **options: Any) -> Receipt:
    """File a draft as its candidate does, with every declaration accepted."""
    return file_draft(draft=draft, actor=draft.submission.candidate, declarations=ALL_DECLARATIONS, **options)


def save_answers(draft: Draft, key: str, answers: dict[str, Any], **options: Any) -> Draft:
    """Save `answers` of the section `key` as the candidate does."""
    actor = draft.submission.candidate
    return save_section(draft=draft, section=section_of(key), answers=answers, actor=actor, **options).draft


def section_of(key: str) -> Section:
    """Return the section of this key."""
    section = section_by_key(key)
    assert section is not None
    return section


def own_copy(submission: Submission) -> Submission:
    """Return the submission as its candidate reads it."""
    own = own_submission(submission.candidate, submission.public_id)
    assert own is not None
    return own
