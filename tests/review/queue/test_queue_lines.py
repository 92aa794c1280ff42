"""The lines of the queue have their own HTML: it equals Django's."""

import re
from datetime import UTC, datetime
from typing import NamedTuple, cast

import pytest
from django.contrib import admin
from django.contrib.admin.templatetags.admin_list import results
from django.template import Context, Template
from django.test import RequestFactory
from django.urls import resolve, reverse
from django.utils import translation

from intake.accounts.models import User
from intake.review.queue.admin import SubmissionAdmin
from intake.review.queue.rows import QueueList, received
from intake.submissions.models import Submission
from tests.factories.people import client_of, make_staff
from tests.factories.review import make_assessment, make_filed, make_reviewer, make_shortlisted
from tests.factories.submissions import make_open_offer

pytestmark = pytest.mark.django_db


class CaseData(NamedTuple):
    """Readers of a queue with names of all kinds; the tests only read."""

    staff: User
    reviewer: User


@pytest.fixture(scope="module")
def kept(module_db: None) -> CaseData:
    offer = make_open_offer(organisation_short="<Échanges & Cie>")
    submission = make_filed(offer)
    Submission.objects.filter(pk=submission.pk).update(
        filed_name=' Tremblay « & <b>"', folded_name="tremblay"
    )
    make_filed(offer)
    Submission.objects.filter(pk=make_shortlisted(offer).pk).update(filed_name="")
    reviewer = make_reviewer(offer)
    make_assessment(submission, reviewer, 4)
    return CaseData(make_staff(), reviewer)


def listed(user: User, **query: str) -> QueueList:
    address = reverse("admin:submissions_submission_changelist")
    request = RequestFactory().get(address, query)
    request.user, request.resolver_match = user, resolve(address)
    return cast("QueueList", admin.site.get_model_admin(Submission).get_changelist_instance(request))


def test_the_instant_of_a_filing_is_written_in_the_time_of_quebec() -> None:
    with translation.override("fr"):
        cell = received(datetime(2027, 5, 3, 3, tzinfo=UTC)).replace("\u00a0", " ")
    assert cell.endswith("2 mai 2027, 23 h")


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize(
    "query", [{}, {"etat": "SUBMITTED", "q": "Tremblay"}, {"_popup": "1"}, {"q": "xqzw"}]
)
def test_a_line_equals_the_one_of_django(kept: CaseData, query: dict[str, str], language: str) -> None:
    for user in kept:
        with translation.override(language):
            found = listed(user, **query)
            assert found.lines() == ["".join(line) for line in results(found)]
            assert len(found.lines()) == found.result_count


def test_the_text_of_a_line_follows_the_language_of_the_reader(kept: CaseData) -> None:
    said = []
    for language in ("fr", "en", "fr"):
        with translation.override(language):
            said.append(listed(kept.staff).lines()[0])
    assert said[0] == said[2]
    assert ("Reçue le" in said[0], "Received on" in said[1], "Choisir" in said[1]) == (True, True, False)


def test_an_empty_column_displays_a_dash(kept: CaseData, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SubmissionAdmin, "name", lambda _queue, _submission: " ")
    found = listed(kept.staff)
    assert found.lines() == ["".join(line) for line in results(found)]
    assert f'<td class="field-name">{admin.site.empty_value_display}</td>' in found.lines()[0]


def test_the_table_equals_the_one_of_django(kept: CaseData) -> None:
    for user in kept:
        found = listed(user)
        ours, theirs = (
            re.sub(r">\s+<", "><", Template(asked).render(Context({"cl": found, "opts": found.opts}))).strip()
            for asked in (
                "{% load review %}{% queue_table cl %}",
                "{% load admin_list %}{% result_list cl %}",
            )
        )
        assert ours == theirs


def test_the_action_field_has_the_html_of_djangos_widget(kept: CaseData) -> None:
    answer = client_of(kept.staff).get(reverse("admin:submissions_submission_changelist"))
    form, shown = answer.context["action_form"], answer.content.decode()
    assert "start_review" in shown
    for field in form:
        assert str(field) in shown


@pytest.mark.parametrize("query", [{}, {"etat": "SUBMITTED", "q": "<é>&"}, {"_facets": "1", "offre": "<x>"}])
def test_a_filter_has_the_html_of_djangos_admin(kept: CaseData, query: dict[str, str]) -> None:
    for language in ("fr", "en"):
        with translation.override(language):
            found = listed(kept.staff, **query)
            for spec in found.filter_specs:
                ours, theirs = (
                    re.sub(r"\s*([<>])\s*", r"\1", re.sub(r"[ \n]+", " ", Template(asked).render(context)))
                    for asked in (
                        "{% load review %}{% queue_filter cl spec %}",
                        "{% load admin_list %}{% admin_list_filter cl spec %}",
                    )
                    for context in [Context({"cl": found, "spec": spec})]
                )
                assert ours == theirs.strip()
            assert len(found.filter_specs) > 1
