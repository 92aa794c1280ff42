"""The page on which candidates read and correct their profile."""

from datetime import timedelta
from typing import Any

import pytest
from django.http import QueryDict
from django.utils import timezone

from intake.profiles import views
from intake.profiles.models import Profile
from intake.profiles.selectors import answers_from_profile
from tests.factories.people import ANSWERS, client_of, make_profile, make_user
from tests.other_days import zone_of_another_day

pytestmark = pytest.mark.django_db

URL = "/profil/"
TYPED = {
    "first_name": "Alex",
    "last_name": "Tremblay-Nguyễn",
    "birth_date": "4 mai 1998",
    "phone": "418 555-0142",
    "address_line": "1035, rue des Parlementaires",
    "city": "Québec",
    "province": "QC",
    "postal_code": "g1a 1a4",
    "legal_status": "CITIZEN",
    "domicile_province": "QC",
    "quebec_resident_since": "4 mai 1998",
    "resident_for_health_insurance": "true",
    "resident_for_tax": "true",
}


def test_a_new_user_stores_answers() -> None:
    user = make_user()
    answer = client_of(user).post(URL, TYPED, follow=True)
    assert "Vos renseignements sont enregistrés." in answer.content.decode()
    assert answers_from_profile(user) == {key: ANSWERS[key] for key in TYPED}


def test_saving_an_untouched_form_keeps_all_answers() -> None:
    profile = make_profile()
    client = client_of(profile.user)
    form = client.get(URL).context["form"]
    client.post(URL, {name: form[name].value() for name in form.fields})
    assert answers_from_profile(profile.user) == ANSWERS


def test_errors_are_summarised_and_typed_values_are_kept() -> None:
    profile = make_profile()
    answer = client_of(profile.user).post(URL, TYPED | {"birth_date": "04/05/1998", "city": "Gatineau"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert page.count("error-summary-title") == 2  # the heading, and the aria-labelledby that names it
    assert 'href="#id_birth_date"' in page
    assert 'value="04/05/1998"' in page
    assert 'value="Gatineau"' in page
    assert "<title>Erreur" in page
    assert answers_from_profile(profile.user) == ANSWERS


def test_an_empty_profile_can_be_saved() -> None:
    profile = make_profile()
    client_of(profile.user).post(URL, {"first_name": "Alex"})
    assert answers_from_profile(profile.user) == {"first_name": "Alex"}


def test_a_candidate_corrects_only_their_own_profile() -> None:
    mine, theirs = make_profile(), make_profile(first_name="Dominique")
    client_of(mine.user).post(URL, TYPED | {"first_name": "Sam", "user": str(theirs.user.pk)})
    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert (mine.first_name, theirs.first_name) == ("Sam", "Dominique")


def test_a_form_kept_at_the_end_of_a_session_is_displayed_and_not_saved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = client_of(make_profile().user)
    fresh: Any = client.get(URL)
    assert (fresh.context["kept"], fresh.context["form"].is_bound) == (False, False)
    monkeypatch.setattr(views, "pop_saved_form", lambda _request: QueryDict("city=Gatineau&birth_date=hier"))
    kept: Any = client.get(URL)
    form = kept.context["form"]
    assert (kept.status_code, kept.context["kept"], form["city"].value()) == (200, True, "Gatineau")
    assert list(form.errors) == ["birth_date"]
    assert Profile.objects.get().city == "Québec", "shown, and not saved"


def test_a_future_birth_date_is_refused_and_values_stay_out_of_error_reports() -> None:
    profile = make_profile()
    client, zone = client_of(profile.user), zone_of_another_day()
    with timezone.override(zone):
        today = timezone.localdate()
        statuses = [
            client.post(URL, {"birth_date": (today + timedelta(days=days)).isoformat()}).status_code
            for days in (0, 1)
        ]
    assert statuses == [302, 422]
    answer: Any = client.post(URL, TYPED)
    assert answer.wsgi_request.sensitive_post_parameters == "__ALL__"
    assert [client.put(URL).status_code, client.head(URL).status_code] == [405, 200]
