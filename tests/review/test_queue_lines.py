"""The queue's lines, which are written by hand, and what Django would have written."""

from typing import cast

import pytest
from django.contrib import admin
from django.contrib.admin.templatetags.admin_list import results
from django.test import RequestFactory
from django.urls import resolve, reverse
from django.utils import translation

from intake.accounts.models import User
from intake.review.admin.queue import SubmissionAdmin
from intake.review.admin.queue_list import QueueList
from intake.submissions.models import Submission
from tests.factories.people import make_staff
from tests.factories.review import make_filed, make_reviewer, make_shortlisted, mark
from tests.factories.submissions import make_open_offer

pytestmark = pytest.mark.django_db


def listed(user: User, **query: str) -> QueueList:
    address = reverse("admin:submissions_submission_changelist")
    request = RequestFactory().get(address, query)
    request.user, request.resolver_match = user, resolve(address)
    return cast("QueueList", admin.site.get_model_admin(Submission).get_changelist_instance(request))


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize(
    "query", [{}, {"etat": "SUBMITTED", "q": "Tremblay"}, {"_popup": "1"}, {"q": "xqzw"}]
)
def test_a_line_is_what_django_would_write(query: dict[str, str], language: str) -> None:
    offer = make_open_offer(organisation_short="<Échanges & Cie>")
    submission = make_filed(offer)
    Submission.objects.filter(pk=submission.pk).update(
        filed_name=' Tremblay « & <b>"', folded_name="tremblay"
    )
    make_filed(offer)
    Submission.objects.filter(pk=make_shortlisted(offer).pk).update(filed_name="")
    reviewer = make_reviewer(offer)
    mark(submission, reviewer, 4)
    for user in (make_staff(), reviewer):
        with translation.override(language):
            found = listed(user, **query)
            assert ["".join(line) for line in found.lines()] == ["".join(line) for line in results(found)]
            assert len(found.lines()) == found.result_count


def test_the_words_of_a_line_follow_the_reader() -> None:
    make_filed(make_open_offer())
    staff = make_staff()
    said = []
    for language in ("fr", "en", "fr"):
        with translation.override(language):
            said.append("".join(listed(staff).lines()[0]))
    assert said[0] == said[2]
    assert ("Reçue le" in said[0], "Received on" in said[1], "Choisir" in said[1]) == (True, True, False)


def test_a_column_without_a_word_shows_a_dash(monkeypatch: pytest.MonkeyPatch) -> None:
    make_filed(make_open_offer())
    monkeypatch.setattr(SubmissionAdmin, "name", lambda _queue, _submission: " ")
    found = listed(make_staff())
    assert ["".join(line) for line in found.lines()] == ["".join(line) for line in results(found)]
    assert f'<td class="field-name">{admin.site.empty_value_display}</td>' in found.lines()[0][0]
