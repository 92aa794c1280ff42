"""To which methods each page of the review answers."""

from django.test import RequestFactory

from intake.review import views

READ, READ_OR_SENT, SENT = "GET, HEAD", "GET, HEAD, POST", "POST"


def test_each_page_answers_to_its_methods_alone() -> None:
    request = RequestFactory().put("/")
    answers = {name: getattr(views, name)(request) for name in views.__all__}
    assert {answer.status_code for answer in answers.values()} == {405}
    usual = dict.fromkeys(views.__all__, READ_OR_SENT)
    read = dict.fromkeys(("decision_batch", "decisions", "dossier", "export_file", "receipt"), READ)
    assert {name: answer["Allow"] for name, answer in answers.items()} == usual | read | {"export": SENT}
