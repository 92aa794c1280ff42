"""Helpers of tests of the pages after a filing."""

from typing import Any

from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from intake.submissions.after_filing.operations import start_amendment, withdraw_submission
from intake.submissions.models import Draft, Receipt, Submission
from tests.factories.people import client_of
from tests.submissions.pages import file_now, save_answers, section_of, text_of


def submission_of(receipt: Receipt) -> Submission:
    """Return the receipt's submission, read from the database."""
    return Submission.objects.get(pk=receipt.filing.submission_id)


def page_of(name: str, about: Receipt | Submission, *args: object) -> str:
    """Return the address of one of the submission's pages."""
    submission = about.filing.submission if isinstance(about, Receipt) else about
    return reverse(f"submissions:{name}", args=[submission.public_id, *args])


def browser_of(receipt: Receipt) -> Client:
    """Return a browser in which the candidate is signed in."""
    return client_of(receipt.filing.submission.candidate)


def amend(receipt: Receipt, **answers: Any) -> Draft:
    """Start an amendment and change answers about the candidate."""
    submission = submission_of(receipt)
    draft = start_amendment(submission=submission, actor=submission.candidate)
    if answers:
        save_answers(draft, "identite", section_of("identite").of(draft.answers) | answers)
    return draft


def file_again(draft: Draft) -> Receipt:
    """File a complete draft."""
    return file_now(draft)


def withdraw(receipt: Receipt, reason: str = "Indisponible") -> None:
    """Withdraw the submission."""
    submission = submission_of(receipt)
    withdraw_submission(submission=submission, actor=submission.candidate, reason=reason)


def read(client: Client, address: str, status: int = 200) -> str:
    """Return the text of a page with white space folded."""
    response = client.get(address)
    assert response.status_code == status, response
    return text_of(response.content)


def assert_same_cost(client: Client, address: str, one_more: Any) -> None:
    """Request a page with one further row, then with three: the number of queries must be equal."""
    cache.clear()
    counts = []
    for more in (1, 2):
        for _time in range(more):
            one_more()
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]
