"""HTTP methods of each page of `review`."""

from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory

from intake.review.urls import urlpatterns

READ, READ_OR_SENT, SENT = "GET, HEAD", "GET, HEAD, POST", "POST"


def test_each_page_accepts_only_its_methods() -> None:
    request = RequestFactory().put("/")
    # Each is reached through the administration's own check of who enters; some ask for the second factor again.
    request.user = AnonymousUser()
    answers = {page.name: vars(page.callback)["__wrapped__"](request) for page in urlpatterns}
    assert {answer.status_code for answer in answers.values()} == {405}
    usual = dict.fromkeys(answers, READ_OR_SENT)
    read = dict.fromkeys(
        ("decision_batch", "decisions", "dossier", "export_file", "page", "read_next", "receipt"), READ
    )
    assert {name: answer["Allow"] for name, answer in answers.items()} == usual | read | {
        "export_shortlist": SENT
    }
