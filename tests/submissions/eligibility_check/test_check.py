"""The check without an account: its questions, its result, that it stores nothing, and the step to a draft."""

import re
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core import signing
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from intake.accounts.login_required import COOKIE_LIFETIME
from intake.devtools.demonstration.offers import CRITERIA
from intake.submissions.eligibility_check import signed_answers
from intake.submissions.models import Draft, Submission
from offers.models import Offer
from tests.factories.offers import make_offer, mark_cancelled
from tests.factories.people import client_of, make_profile, make_user
from tests.factories.submissions import close_offer, make_draft, make_extension, make_filing, make_open_offer
from tests.submissions.pages import text_of

pytestmark = pytest.mark.django_db
NBSP = "\u00a0"


def address(offer: Offer) -> str:
    return reverse("submissions:check", args=[offer.number])


AGREED = {"read": "1", "accepts_notice": "on"}


def start(offer: Offer) -> str:
    return reverse("submissions:start_with_answers", args=[offer.number])


def good_answers(offer: Offer, **changes: str) -> dict[str, str]:
    """Return form data that meet every criterion. An empty text removes an answer."""
    return {
        "studies-TOTAL_FORMS": "1",
        "studies-INITIAL_FORMS": "0",
        "studies-0-level": "MASTER",
        "studies-0-state": "IN_PROGRESS",
        "studies-0-day": (offer.starts_on + timedelta(days=60)).isoformat(),
        "bar_school": "false",
        "professional_order_stage": "false",
        "birth_date": "4 mai 1998",
        "legal_status": "CITIZEN",
        "domicile_province": "QC",
        "quebec_resident_since": "1er septembre 2008",
        "resident_for_health_insurance": "true",
        "resident_for_tax": "true",
        "attests_writing_fr": "true",
        "attests_writing_en": "true",
        "attests_skills": "true",
        "past_participant": "false",
    } | changes


def checked(offer: Offer, client: Client | None = None, /, **changes: str) -> Any:
    return (client or Client()).post(address(offer), good_answers(offer, **changes))


def outcomes(response: Any) -> dict[str, str]:
    return {row["shown"].title: row["shown"].outcome for row in response.context["findings"]}


def packed_in(response: Any) -> str:
    found = re.search(r'name="answers" value="([^"]+)"', response.content.decode())
    assert found is not None
    return found[1]


# -- Questions -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind, questions",
    [
        ("AGE", {"birth_date"}),
        ("RESIDENCE", {"quebec_resident_since", "resident_for_health_insurance", "resident_for_tax"}),
        # The check neither searches the register of past participants nor requests the birth date for it.
        ("ONCE_ONLY", {"past_participant"}),
    ],
)
def test_an_offer_with_one_criterion_has_only_its_questions(kind: str, questions: set[str]) -> None:
    criteria = [criterion for criterion in CRITERIA if criterion["kind"] == kind]
    offer = make_open_offer(criteria=criteria)
    page = Client().get(address(offer)).content.decode()
    known = good_answers(offer).keys()
    assert {name for name in re.findall(r'name="([\w-]+)"', page) if name in known} == questions
    assert "Programme 1" not in page
    assert "Programme 1" in Client().get(address(make_open_offer())).content.decode()


def test_a_programme_of_study_is_added_without_javascript_or_loss() -> None:
    offer = make_open_offer()
    typed = good_answers(offer, birth_date="illisible", **{"studies-0-day": "bientôt"}) | {"add": "1"}
    page = Client().post(address(offer), typed).content.decode()
    assert 'name="studies-1-level"' in page
    assert 'id="programme-2"' in page
    assert 'value="illisible"' in page
    assert 'value="bientôt"' in page
    assert "Corrigez ce qui suit" not in page


# -- Result ----------------------------------------------------------------------------------------------------
def test_an_eligible_result_states_that_it_is_no_decision() -> None:
    offer = make_open_offer()
    response = checked(offer)
    page = text_of(response.content)
    assert set(outcomes(response).values()) == {"MET"}
    assert "vous répondez à tous les critères" in page
    assert "Ce n’est pas une décision" in page
    assert "Commencer ma candidature avec ces réponses" in page


def test_a_personal_deadline_is_displayed_by_the_check_of_a_closed_offer() -> None:
    offer, person = make_open_offer(), make_user()
    close_offer(offer, seconds_ago=3600)
    make_extension(offer, person)
    browser = client_of(person)
    result = checked(offer, browser)
    agreed = browser.post(start(offer), {"answers": packed_in(result)})
    for page in (text_of(answer.content) for answer in (browser.get(address(offer)), result, agreed)):
        assert "Votre date limite personnelle :" in page
        assert "Les inscriptions ont fermé" not in page


def test_the_first_birth_day_too_early_is_refused_with_clause_and_limits() -> None:
    offer = make_open_offer()
    too_old = offer.starts_on.replace(year=offer.starts_on.year - 36)
    assert outcomes(checked(offer, birth_date=(too_old + timedelta(days=1)).isoformat()))["Âge"] == "MET"
    response = checked(offer, birth_date=too_old.isoformat())
    assert outcomes(response)["Âge"] == "NOT_MET"
    (row,) = [row for row in response.context["findings"] if row["shown"].title == "Âge"]
    assert row["observed"] in text_of(response.content).replace(" ", NBSP)
    assert row["passing"].startswith("une naissance du ")
    page = text_of(response.content)
    clause = next(criterion["clause"]["text"] for criterion in CRITERIA if criterion["kind"] == "AGE")
    assert clause.replace(NBSP, " ") in page.replace(NBSP, " ")
    assert "vous ne répondez pas à un critère de l’offre : Âge." in page.replace(NBSP, " ")


def test_unmet_criteria_are_counted_named_and_listed_first() -> None:
    response = checked(make_open_offer(), past_participant="true", domicile_province="ON")
    page = text_of(response.content).replace(NBSP, " ")
    assert "vous ne répondez pas à 2 critères de l’offre : Domicile et Première participation." in page
    assert list(outcomes(response).values())[:2] == ["NOT_MET", "NOT_MET"]
    assert "qu’une personne l’examine" in page


def test_a_finding_for_a_person_is_labelled_so() -> None:
    response = checked(
        make_open_offer(), **{"studies-0-level": "GRADUATE_DIPLOMA", "studies-0-day": "2040-01-01"}
    )
    assert outcomes(response)["Études"] == "HUMAN"
    assert response.context["verdict"].outcome == "NEEDS_REVIEW"
    assert "Une personne examinera ce critère en lisant votre dossier." in text_of(response.content)


@pytest.mark.parametrize("way", ["bar_school", "professional_order_stage"])
def test_another_way_than_studies_meets_their_criterion_without_a_programme(way: str) -> None:
    blank = {f"studies-0-{name}": "" for name in ("level", "state", "day")}
    assert outcomes(checked(make_open_offer(), **blank, **{way: "true"}))["Études"] == "MET"


@pytest.mark.parametrize(
    "missing, title, anchor",
    [
        ({"birth_date": ""}, "Âge", "critere-age"),
        ({"studies-0-level": "", "studies-0-state": "", "studies-0-day": ""}, "Études", "critere-studies"),
        ({"studies-0-day": ""}, "Études", "critere-studies"),
        ({"attests_writing_en": ""}, "Rédaction", "critere-writing"),
    ],
)
def test_a_missing_answer_is_a_finding_with_a_link_to_its_question(
    missing: dict[str, str], title: str, anchor: str
) -> None:
    response = checked(make_open_offer(), **missing)
    assert response.status_code == 200
    assert response.context["verdict"].outcome == "INCOMPLETE"
    assert outcomes(response)[title] == "UNKNOWN"
    page = response.content.decode()
    assert f'href="#{anchor}"' in page
    assert f'id="{anchor}"' in page


def test_unreadable_answers_are_reported_and_all_are_kept() -> None:
    response = checked(make_open_offer(), birth_date="04/05/1998", **{"studies-0-day": "31 février 2027"})
    assert response.status_code == 422
    page = response.content.decode()
    assert 'value="04/05/1998"' in page
    assert 'value="31 février 2027"' in page
    assert 'href="#id_birth_date"' in page
    assert 'href="#id_studies-0-day"' in page
    assert "<title>Erreur" in page.replace("\n", "").replace("  ", "").replace(f"Erreur{NBSP}:", "Erreur")
    assert "Résultat" not in page
    assert "Résultat" in checked(make_open_offer()).content.decode()


def test_a_residence_since_always_meets_the_criterion() -> None:
    response = checked(make_open_offer(), quebec_resident_since="depuis toujours")
    assert outcomes(response)["Résidence au Québec"] == "MET"
    assert "depuis le 4 mai 1998" in text_of(response.content)


def test_contradicting_answers_are_refused_with_a_message() -> None:
    response = checked(make_open_offer(), quebec_resident_since="1990-01-01")
    assert response.status_code == 422
    assert "précède votre date de naissance" in text_of(response.content)


def test_a_criterion_of_kind_other_has_no_question() -> None:
    other = {"kind": "OTHER", "effect": "BLOCK", "clause": {"reference": "Note", "text": "Être disponible."}}
    offer = make_open_offer(criteria=[*CRITERIA, other])
    page = Client().get(address(offer)).content.decode()
    assert 'id="critere-age"' in page
    assert 'id="critere-other"' not in page
    response = checked(offer)
    assert response.context["verdict"].outcome == "NEEDS_REVIEW"
    assert 'href="#critere-other"' not in response.content.decode()


@pytest.mark.parametrize(
    "state, words", [("closed", "Les inscriptions ont fermé le"), ("upcoming", "ouvrent le")]
)
def test_an_offer_that_is_not_open_can_be_checked_too(state: str, words: str) -> None:
    now = timezone.now()
    offer = make_open_offer()
    if state == "closed":
        close_offer(offer, seconds_ago=60)
    else:
        offer = make_offer(at=now, opens_at=now + timedelta(days=2))
    client = Client()
    assert words in text_of(client.get(address(offer)).content)
    response = checked(offer, client)
    page = text_of(response.content)
    assert "vous répondez à tous les critères" in page
    assert words in page
    assert "Commencer ma candidature avec ces réponses" not in page


def test_the_check_uses_the_reference_day_of_the_offer(monkeypatch: pytest.MonkeyPatch) -> None:
    offer = make_open_offer()
    late = timezone.now().replace(hour=3, minute=30)  # still the day before in Québec
    monkeypatch.setattr("intake.submissions.eligibility_check.views.database_instant", lambda: late)
    tomorrow, today = late.date(), late.date() - timedelta(days=1)
    since = {"birth_date": "1998-05-04"}
    assert checked(offer, **since, quebec_resident_since=today.isoformat()).status_code == 200
    refused = checked(offer, **since, quebec_resident_since=tomorrow.isoformat())
    assert refused.status_code == 422
    assert 'href="#id_quebec_resident_since"' in refused.content.decode()


# -- Nothing is stored -----------------------------------------------------------------------------------------
def rows() -> dict[str, int]:
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


def test_the_check_writes_no_row_and_the_browser_keeps_it_half_an_hour() -> None:
    offer = make_open_offer()
    client = Client()
    before = rows()
    with CaptureQueriesContext(connection) as captured:
        client.get(address(offer))
        response = checked(offer, client)
        sent = client.post(address(offer), good_answers(offer), headers={"Sec-Fetch-Mode": "navigate"})
    assert response.context["verdict"].outcome == "ELIGIBLE"
    assert {query["sql"].split()[0] for query in captured} == {"SELECT"}
    assert rows() == before
    assert sent.cookies[settings.ANSWER_COOKIE_NAME]["max-age"] == 30 * 60
    assert client.cookies.keys() == {"csrftoken", settings.ANSWER_COOKIE_NAME}
    assert "no-store" in response.headers["Cache-Control"]
    assert "session" not in response.headers.get("Set-Cookie", "")


@pytest.mark.usefixtures("security_events")  # in a minute that no earlier test has used up
def test_no_answer_is_ever_in_a_log(caplog: pytest.LogCaptureFixture) -> None:
    offer = make_open_offer()
    with caplog.at_level("DEBUG"):
        response = checked(offer, birth_date="4 mai 1977")
        Client().post(start(offer), {"answers": packed_in(response)})
        Client(enforce_csrf_checks=True).post(address(offer), good_answers(offer, birth_date="4 mai 1977"))
    said = " ".join(record.getMessage() for record in caplog.records if record.name != "django.db.backends")
    assert "FORM_REFUSED" in said
    assert "1977" not in said
    assert packed_in(response) not in said


# -- From the check to the draft -------------------------------------------------------------------------------
def test_a_new_draft_has_the_checked_answers_before_those_of_the_profile() -> None:
    offer, user = make_open_offer(), make_user()
    make_profile(user, birth_date="1990-01-01", city="Gatineau")
    client = client_of(user)
    response = client.post(start(offer), {"answers": packed_in(checked(offer, client)), **AGREED})
    draft = Draft.objects.get()
    assert response.headers["Location"] == reverse("submissions:tasks", args=[draft.submission.public_id])
    assert draft.answers["birth_date"] == "1998-05-04"
    assert draft.answers["city"] == "Gatineau"
    assert draft.answers["studies"][0]["level"] == "MASTER"
    assert draft.answers["attests_skills"] is True
    user.profile.refresh_from_db()
    assert user.profile.birth_date == date(1998, 5, 4)
    tasks = text_of(client.get(response.headers["Location"]).content)
    assert "Vos réponses sont dans le brouillon" in tasks


def test_checked_answers_are_kept_through_the_sign_in() -> None:
    offer, user = make_open_offer(), make_user()
    client = Client()
    packed = packed_in(checked(offer, client))
    door = client.post(start(offer), {"answers": packed})
    assert door.headers["Location"] == f"{reverse('accounts:sign_in')}?next={start(offer)}&motif=reponses"
    page = text_of(client.get(door.headers["Location"]).content)
    assert "vos réponses vous attendent ici" in page
    assert "Votre session était terminée" not in page
    client.force_login(user)
    arrived = client.get(start(offer))
    assert arrived.status_code == 200
    assert "4 mai 1998" in text_of(arrived.content).replace(NBSP, " ")
    assert not Submission.objects.exists()  # a GET changes nothing
    client.post(start(offer), {"answers": packed_in(arrived), **AGREED})
    assert Draft.objects.get().answers["birth_date"] == "1998-05-04"


def test_an_existing_draft_is_changed_only_after_confirmation() -> None:
    draft = make_draft(legal_status="PERMANENT_RESIDENT", domicile_province=None)
    offer, client = draft.submission.offer, client_of(draft.submission.candidate)
    before = draft.answers
    packed = packed_in(checked(offer, client))
    response = client.post(start(offer), {"answers": packed})
    page = text_of(response.content)
    assert response.status_code == 200
    assert "Résidence permanente" in page
    assert "Citoyenneté canadienne" in page
    assert "Sans réponse" in page
    draft.refresh_from_db()
    assert draft.answers == before
    replaced = client.post(start(offer), {"answers": packed, "replace": "1", "seen": str(draft.version)})
    assert replaced.status_code == 302
    draft.refresh_from_db()
    assert draft.answers["legal_status"] == "CITIZEN"
    assert draft.answers["studies"][0]["institution"] == before["studies"][0]["institution"]
    again = client.post(start(offer), {"answers": packed})
    assert again.headers["Location"] == replaced.headers["Location"]
    for seen in ("x", "9" * 5_000):  # of no page: no server error
        assert client.post(start(offer), {"answers": packed, "replace": "1", "seen": seen}).status_code == 302


def test_a_draft_saved_meanwhile_is_not_replaced_unread() -> None:
    draft = make_draft(legal_status="PERMANENT_RESIDENT")
    offer, client = draft.submission.offer, client_of(draft.submission.candidate)
    packed = packed_in(checked(offer, client))
    Draft.objects.filter(pk=draft.pk).update(version=draft.version + 1)
    response = client.post(start(offer), {"answers": packed, "replace": "1", "seen": str(draft.version)})
    assert response.status_code == 409
    assert "Votre brouillon a changé entre-temps" in text_of(response.content)
    draft.refresh_from_db()
    assert draft.answers["legal_status"] == "PERMANENT_RESIDENT"


def test_a_candidate_who_filed_is_redirected_to_the_receipt() -> None:
    submission = make_filing().filing.submission
    client = client_of(submission.candidate)
    response = checked(submission.offer, client)
    assert "déjà déposée" in text_of(response.content)
    packed = signed_answers.sign_answers({"attests_skills": True}, number=submission.offer.number or "")
    arrived = client.post(start(submission.offer), {"answers": packed})
    assert arrived.headers["Location"] == reverse("submissions:receipt", args=[submission.public_id])


def test_answers_of_an_offer_closed_meanwhile_start_no_draft() -> None:
    offer, client = make_open_offer(), client_of(make_user())
    packed = packed_in(checked(offer, client))
    close_offer(offer, seconds_ago=1)
    for agreed in ({}, AGREED):
        assert client.post(start(offer), {"answers": packed} | agreed).status_code == 409
    assert not Submission.objects.exists()


def test_expired_answers_are_displayed_in_the_form_again(monkeypatch: pytest.MonkeyPatch) -> None:
    offer, client = make_open_offer(), client_of(make_user())
    with monkeypatch.context() as patch:
        patch.setattr(signing, "time", SimpleNamespace(time=lambda: timezone.now().timestamp() - 7300))
        packed = packed_in(checked(offer, client))
    response = client.post(start(offer), {"answers": packed})
    assert response.status_code == 422
    page = text_of(response.content)
    assert "Ces réponses ont plus de deux heures" in page
    assert 'value="4 mai 1998"' in page
    assert not Submission.objects.exists()


@pytest.mark.parametrize(
    "spoil", [lambda packed: packed[:-1] + "x", lambda _packed: "", lambda packed: "é" + packed]
)
def test_tampered_answers_are_refused(spoil: Any) -> None:
    offer, client = make_open_offer(), client_of(make_user())
    packed = packed_in(checked(offer, client))
    response = client.post(start(offer), {"answers": spoil(packed)})
    assert response.status_code == 422
    page = text_of(response.content)
    assert "Vos réponses ne sont pas arrivées jusqu’ici" in page
    assert 'value="4 mai 1998"' not in page
    assert not Submission.objects.exists()


def beside(offer: Offer, client: Client) -> str:
    """Return the HTML of the offer beside its check."""
    page = client.get(reverse("submissions:check", args=[offer.number])).content.decode()
    return page[page.index("<aside") :].partition("</aside>")[0]


def test_the_offer_beside_its_check_links_to_the_next_step_of_the_reader() -> None:
    draft = make_draft()
    filed = make_filing().filing.submission
    for client, offer, name, argument in (
        (Client(), draft.submission.offer, "start", draft.submission.offer.number),
        (client_of(draft.submission.candidate), draft.submission.offer, "tasks", draft.submission.public_id),
        (client_of(filed.candidate), filed.offer, "receipt", filed.public_id),
    ):
        shown = beside(offer, client)
        assert reverse(f"submissions:{name}", args=[argument]) in shown
        assert offer.get_absolute_url() in shown
        assert "Date limite" in shown


# -- The page of the offer --------------------------------------------------------------------------------
def test_a_closed_offer_links_to_the_check_unless_it_is_cancelled() -> None:
    closed = make_open_offer()
    close_offer(closed, seconds_ago=60)
    assert address(closed) in Client().get(closed.get_absolute_url()).content.decode()
    mark_cancelled(closed.pk)
    assert address(closed) not in Client().get(closed.get_absolute_url()).content.decode()


def test_checked_answers_wait_for_the_displayed_time_and_their_loss_is_reported() -> None:
    offer, client = make_open_offer(), Client()
    shown = checked(offer, client)
    door = client.post(start(offer), {"answers": packed_in(shown)})
    for page in (shown, client.get(door.headers["Location"])):
        assert f"dans les {COOKIE_LIFETIME // 60} minutes" in text_of(page.content)
    del client.cookies[settings.FORM_COOKIE_NAME]  # as the browser does after that time
    client.force_login(make_user())
    arrived = client.get(start(offer), follow=True)
    assert arrived.redirect_chain == [(reverse("submissions:start", args=[offer.number]), 302)]
    assert "ne sont plus gardées" in text_of(arrived.content)
