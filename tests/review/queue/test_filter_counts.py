"""Counts of submissions per filter choice: bounded, in one statement, with the chosen filter kept."""

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import resolve, reverse

from intake.review.queue import filters
from intake.review.queue.filters import OfferFilter, StateFilter
from intake.submissions.models import Submission
from tests.factories.people import make_staff
from tests.factories.review import make_filed, make_shortlisted
from tests.factories.submissions import make_open_offer
from tests.review.page_responses import asked_by

pytestmark = pytest.mark.django_db

QUEUE = reverse("admin:submissions_submission_changelist")


def test_a_count_stops_one_past_its_maximum(monkeypatch: pytest.MonkeyPatch) -> None:
    offer = make_open_offer()
    for _time in range(4):
        make_filed(offer)
    everything = Submission.objects.all()
    with CaptureQueriesContext(connection) as asked:
        counts = filters._bounded_counts(
            [everything, Submission.objects.none(), everything.filter(state="x")]
        )
    assert (counts, len(asked)) == ([4, 0, 0], 1)
    for most, count in ((4, 4), (3, 4), (2, 3)):
        monkeypatch.setattr(filters, "COUNT_MAX", most)
        assert filters._bounded_counts([everything]) == [count]
    with CaptureQueriesContext(connection) as asked:
        assert filters._bounded_counts([]) == []
    assert len(asked) == 0


def test_the_counts_of_a_filter_keep_its_selected_value() -> None:
    offer, other = make_open_offer(), make_open_offer()
    make_filed(offer)
    make_shortlisted(offer)
    make_filed(other)
    query = {"etat": "SUBMITTED", "offre": offer.number or ""}
    request = asked_by(make_staff(), QUEUE, **query)
    request.resolver_match = resolve(QUEUE)
    model_admin = admin.site.get_model_admin(Submission)
    listed = model_admin.get_changelist_instance(request)
    for kind, name, kept in (
        (StateFilter, "etat", {"SUBMITTED": "1", "SHORTLISTED": "1"}),
        (OfferFilter, "offre", {offer.number: "1", other.number: "1"}),
    ):
        spec = next(each for each in listed.filter_specs if isinstance(each, kind))
        counts = spec.get_facet_queryset(listed)
        values = [value for value, _label in spec.lookup_choices]
        assert {
            value: counts[f"{place}__c"] for place, value in enumerate(values) if counts[f"{place}__c"] != "0"
        } == kept
        assert spec.used_parameters == {name: query[name]}
    plain = StateFilter(request, {}, Submission, model_admin)
    plain.get_facet_queryset(listed)
    assert plain.used_parameters == {}
    assert plain.has_output() is True


def test_the_offer_filter_is_displayed_even_for_one_offer() -> None:
    request = asked_by(make_staff(), QUEUE)
    model_admin = admin.site.get_model_admin(Submission)
    assert OfferFilter(request, {}, Submission, model_admin).has_output() is False
    make_filed(make_open_offer())
    assert OfferFilter(request, {}, Submission, model_admin).has_output() is True
