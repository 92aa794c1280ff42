"""What tests of the review read again and again: a submission's number, state and page, the text of a page."""

from typing import Any

from django.urls import reverse

from intake.review.models import Assignment
from intake.submissions.models import Filing, Submission


def filing_of(submission: Submission) -> Filing:
    submission.refresh_from_db()
    assert submission.standing_filing is not None
    return submission.standing_filing


def number_of(submission: Submission) -> str:
    assert submission.standing_filing is not None
    return submission.standing_filing.receipt.number


def state_of(submission: Submission) -> str:
    submission.refresh_from_db()
    return submission.state


def file_address(submission: Submission) -> str:
    return reverse("review:file", args=[submission.public_id])


def plain_page(response: Any) -> str:
    return str(response.content.decode()).replace("\u00a0", " ")


def one_line_of(response: Any) -> str:
    return " ".join(plain_page(response).replace("&#x27;", "'").split())


def content_of(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def assigned_pairs() -> set[tuple[int, int]]:
    return set(Assignment.objects.values_list("submission", "reviewer"))
