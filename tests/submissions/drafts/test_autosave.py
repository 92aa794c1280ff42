"""Answers saved while they are typed: merged with those of other pages, kept even where one is unreadable."""

import re
from time import perf_counter
from typing import Any, cast

import pytest
from django.http import HttpResponse
from django.test import Client

from intake.profiles.fields import MOST_TYPED
from intake.submissions.drafts import operations
from intake.submissions.drafts.answer_merge import Page, Shown, merge_section
from intake.submissions.lifecycle import locks
from intake.submissions.models import Draft
from intake.submissions.questions.answers import CONFLICTS, PAGES, UNREADABLE
from intake.submissions.questions.sections import Section, asked_sections
from tests.factories.complements import make_filed_and_closed, request_complement_for, start_answer
from tests.factories.people import client_of
from tests.factories.submissions import close_offer, make_draft, make_filing
from tests.submissions.pages import browser_of, file_now, pressed, section_of, text_of, url

pytestmark = pytest.mark.django_db


def _section(key: str) -> Section:
    return section_of(key)


def _fields(client: Client, draft: Draft, key: str) -> dict[str, str]:
    """Return the fields of the displayed section's form, as its script posts them."""
    page = client.get(url("section", draft, key))
    form = page.context["form"]
    posted = form.as_post_data(form.own_answers(Draft.objects.get(pk=draft.pk).answers))
    posted = {name: str(value) for name, value in posted.items() if value is not None}
    return posted | {"seen": page.context["seen"], "page": str(page.context["page"])}


def _sent(fields: dict[str, str], count: int) -> dict[str, str]:
    return fields | {"page": f"{fields['page'].split('.')[0]}.{count}"}


def _autosave(client: Client, draft: Draft, key: str, fields: dict[str, Any]) -> HttpResponse:
    return cast("HttpResponse", client.post(url("autosave", draft, key), fields))


def _seen_of(answer: HttpResponse, what: str = "seen") -> str:
    found = re.search(rf'data-{what}="([^"]*)"', answer.content.decode())
    assert found is not None
    return found[1]


def _answers(draft: Draft) -> dict[str, Any]:
    answers: dict[str, Any] = Draft.objects.get(pk=draft.pk).answers
    return answers


# -- What a page and the stored answers become ----------------------------------------------------------

ONE, OTHER = "aaaa", "bbbb"
STORED, SHOWN, TYPED = "Gaspé", "Lévis", "Amos"


@pytest.mark.parametrize(
    "stored, shown, typed, writer, page, kept, conflict",
    [
        pytest.param(SHOWN, SHOWN, TYPED, None, f"{ONE}.1", TYPED, False, id="changed here alone"),
        pytest.param(STORED, SHOWN, SHOWN, f"{OTHER}.1", f"{ONE}.1", STORED, False, id="changed there alone"),
        pytest.param(
            STORED, SHOWN, TYPED, f"{OTHER}.1", f"{ONE}.1", STORED, True, id="changed on both pages"
        ),
        pytest.param(
            STORED, SHOWN, TYPED, None, f"{ONE}.1", STORED, True, id="changed by no page of a draft"
        ),
        pytest.param(TYPED, SHOWN, TYPED, f"{OTHER}.1", f"{ONE}.1", TYPED, False, id="changed to the same"),
        pytest.param(STORED, SHOWN, "", f"{OTHER}.1", f"{ONE}.1", STORED, True, id="emptied here"),
        pytest.param("", SHOWN, TYPED, f"{OTHER}.1", f"{ONE}.1", "", True, id="emptied there"),
        pytest.param(
            STORED, SHOWN, TYPED, f"{ONE}.1", f"{ONE}.2", TYPED, False, id="answer to the first one lost"
        ),
        pytest.param(
            STORED, SHOWN, SHOWN, f"{ONE}.1", f"{ONE}.2", SHOWN, False, id="taken back after a lost answer"
        ),
        pytest.param(
            STORED, SHOWN, TYPED, f"{ONE}.3", f"{ONE}.2", STORED, False, id="arrived after a later one"
        ),
        pytest.param(
            STORED, SHOWN, TYPED, f"{ONE}.2", f"{ONE}.2", TYPED, False, id="sent again by the browser"
        ),
        pytest.param(STORED, SHOWN, TYPED, f"{ONE}.1", "", STORED, True, id="page without a name"),
        pytest.param(STORED, None, TYPED, None, f"{ONE}.1", STORED, True, id="question not on the page"),
        pytest.param(
            STORED, None, "", None, f"{ONE}.1", STORED, False, id="question not on the page, not typed"
        ),
        pytest.param("", None, TYPED, None, f"{ONE}.1", TYPED, False, id="first answer to a new question"),
    ],
)
def test_a_part_is_saved_or_kept_by_who_changed_it(
    stored: str, shown: str | None, typed: str, writer: str | None, page: str, kept: str, *, conflict: bool
) -> None:
    section = _section("coordonnees")
    answers: dict[str, Any] = {"city": stored or None, "province": "QC"}
    if writer:
        answers[PAGES] = {"city": writer}
    displayed = section.digests({"city": shown}) if shown is not None else {}
    displayed["province"] = section.digests(answers)["province"]
    merged = merge_section(
        section, answers, {"city": typed or None, "province": "QC"}, {}, Shown(displayed, Page.parse(page))
    )
    assert merged.answers["city"] == (kept or None)
    assert merged.answers["province"] == "QC"
    assert merged.conflicts == ({"city"} if conflict else set())
    expected = section.digests({"city": kept or None})["city"]
    is_displayed = kept == typed
    assert merged.seen["city"] == (expected if is_displayed else displayed.get("city", ""))


def test_a_page_never_writes_its_name_on_what_it_left() -> None:
    section = _section("coordonnees")
    stored = {"city": "Gaspé", "phone": None, PAGES: {"city": f"{OTHER}.4"}}
    shown = Shown(section.digests({"city": "Lévis"}), Page(ONE, 3))
    merged = merge_section(section, stored, {"city": "Lévis", "phone": "+14185550142"}, {}, shown)
    assert merged.answers[PAGES] == {"city": f"{OTHER}.4", "phone": f"{ONE}.3"}


@pytest.mark.parametrize(
    "text", ["", "a", "a.", ".1", "a.b", "a.1.2", "a b.1", "a.1234567890", "é" * 17 + ".1"]
)
def test_a_malformed_page_has_no_name(text: str) -> None:
    assert Page.parse(text) is None
    assert Page.parse(None) is None


# -- What is saved --------------------------------------------------------------------------------------


def test_good_answers_are_saved_beside_a_wrong_one_which_is_kept_as_typed(draft: Draft) -> None:
    client = browser_of(draft)
    typed = _fields(client, draft, "identite") | {"first_name": "Zoé", "birth_date": "31 février 1998"}
    answer = _autosave(client, draft, "identite", typed)
    said = text_of(answer.content)
    assert answer.status_code == 200
    assert re.search(r"Enregistré à \d+ h( \d\d)?\. À corriger, gardé tel quel : Date de naissance", said)
    stored = _answers(draft)
    assert (stored["first_name"], stored["birth_date"]) == ("Zoé", None)
    assert stored[UNREADABLE] == {"identite": {"birth_date": "31 février 1998"}}
    shown = client.get(url("section", draft, "identite"))
    assert [*shown.context["form"].errors] == ["birth_date"]
    assert 'value="31 février 1998"' in text_of(shown.content)
    mended = _fields(client, draft, "identite") | {"birth_date": "28 février 1998"}
    assert _autosave(client, draft, "identite", mended).status_code == 200
    assert _answers(draft)["birth_date"] == "1998-02-28"
    assert UNREADABLE not in _answers(draft)


def test_a_draft_with_an_unreadable_optional_answer_is_not_filed(draft: Draft) -> None:
    client = browser_of(draft)
    typed = _fields(client, draft, "langues") | {"other_languages": "a" * 301}
    assert _autosave(client, draft, "langues", typed).status_code == 200
    assert "Langues" in text_of(client.get(url("review", draft)).content).split("Il manque")[1]
    assert client.post(url("file", draft), pressed(draft)).headers["Location"] == url("file", draft)
    assert not Draft.objects.get(pk=draft.pk).closed_at


def test_a_programme_keeps_its_place_and_its_unreadable_day(draft: Draft) -> None:
    client = browser_of(draft)
    one = {"level": "MASTER", "field_of_study": "Droit", "institution": "Université", "state": "IN_PROGRESS"}
    entries = (
        {**one, "day": "1er mai 2020", "DELETE": "on"},
        {"level": "", "field_of_study": "", "institution": "", "day": ""},
        {**one, "field_of_study": "Physique", "day": "demain"},
    )
    typed = _fields(client, draft, "etudes") | {
        f"studies-{index}-{name}": value
        for index, entry in enumerate(entries)
        for name, value in entry.items()
    }
    typed |= {"studies-TOTAL_FORMS": "3", "studies-INITIAL_FORMS": "0"}
    assert _autosave(client, draft, "etudes", typed).status_code == 200
    stored = _answers(draft)
    assert [study["field_of_study"] for study in stored["studies"]] == ["Physique"]
    assert stored[UNREADABLE] == {"etudes": {"studies-0-day": "demain"}}
    (entry,) = client.get(url("section", draft, "etudes")).context["form"].entries.forms
    assert entry["day"].value() == "demain"
    assert [*entry.errors] == ["day"]


def test_an_autosave_runs_four_statements(draft: Draft, django_assert_num_queries: Any) -> None:
    client = browser_of(draft)
    for key, change in (("identite", {"first_name": "Zoé"}), ("langues", {}), ("etudes", {})):
        typed = _fields(client, draft, key) | change
        with django_assert_num_queries(4):  # user, draft, questions, save
            assert _autosave(client, draft, key, typed).status_code == 200


def test_an_autosave_that_changes_nothing_makes_no_other_page_stale(draft: Draft) -> None:
    client = browser_of(draft)
    for section in asked_sections(draft.submission.offer):
        assert _autosave(client, draft, section.key, _fields(client, draft, section.key)).status_code == 200
    assert Draft.objects.get(pk=draft.pk).version == draft.version


def test_the_profile_waits_for_the_button(draft: Draft) -> None:
    client, profile = browser_of(draft), draft.submission.candidate.profile
    typed = _fields(client, draft, "coordonnees") | {"city": "Gaspé"}
    _autosave(client, draft, "coordonnees", typed)
    profile.refresh_from_db()
    assert profile.city != "Gaspé"
    client.post(url("section", draft, "coordonnees"), _fields(client, draft, "coordonnees"))
    profile.refresh_from_db()
    assert profile.city == "Gaspé"


# -- Two pages ------------------------------------------------------------------------------------------


def test_two_pages_change_two_answers_of_one_section(draft: Draft) -> None:
    client = browser_of(draft)
    one, other = (_fields(client, draft, "coordonnees") for _page in range(2))
    _autosave(client, draft, "coordonnees", one | {"city": "Gaspé"})
    answer = _autosave(client, draft, "coordonnees", other | {"address_line": "3, rue du Port"})
    assert "data-conflict" not in text_of(answer.content)
    stored = _answers(draft)
    assert (stored["city"], stored["address_line"]) == ("Gaspé", "3, rue du Port")


def test_two_answers_to_one_question_stay_side_by_side_until_one_is_chosen(draft: Draft) -> None:
    client = browser_of(draft)
    one, other = (_fields(client, draft, "coordonnees") for _page in range(2))
    _autosave(client, draft, "coordonnees", one | {"city": "Gaspé"})
    typed = other | {"city": "Amos", "phone": "418 555-0199"}
    answer = _autosave(client, draft, "coordonnees", typed)
    said = text_of(answer.content)
    assert re.findall(r"<dt>([^<]+)</dt>", said) == ["Ville"]
    assert re.findall(r"</span> ([^<]+?) </dd>", said) == ["Gaspé", "Amos"]
    stored = _answers(draft)
    assert (stored["city"], stored["phone"]) == ("Gaspé", "+14185550199")
    again = _autosave(client, draft, "coordonnees", _sent(typed | {"seen": _seen_of(answer)}, 1))
    assert "data-conflict" in text_of(again.content), "the choice is asked until it is made"
    seen = re.sub(r"city=\w*", f"city={_seen_of(again, 'saved')}", _seen_of(again))
    mine = _autosave(client, draft, "coordonnees", _sent(typed | {"seen": seen}, 2))
    assert "data-conflict" not in text_of(mine.content)
    assert _answers(draft)["city"] == "Amos"
    assert CONFLICTS not in _answers(draft)


def test_an_answer_saved_between_reading_and_saving_is_not_overwritten(
    draft: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = browser_of(draft)
    typed = _fields(client, draft, "coordonnees") | {"city": "Amos"}
    read = locks.read_own_draft

    def read_before_another_save(*asked: Any) -> Any:
        found = read(*asked)
        person, section = draft.submission.candidate, _section("identite")
        operations.save_section(draft=draft, section=section, answers={"first_name": "Zoé"}, actor=person)
        return found

    monkeypatch.setattr(operations, "read_own_draft", read_before_another_save)
    assert _autosave(client, draft, "coordonnees", typed).status_code == 200
    stored = _answers(draft)
    assert (stored["first_name"], stored["city"]) == ("Zoé", "Amos")


def test_a_draft_filed_between_reading_and_saving_stays_as_filed(
    draft: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = browser_of(draft)
    typed = _fields(client, draft, "coordonnees") | {"city": "Amos"}
    read = locks.read_own_draft

    def read_before_the_filing(*asked: Any) -> Any:
        found = read(*asked)
        file_now(draft)
        return found

    monkeypatch.setattr(operations, "read_own_draft", read_before_the_filing)
    assert _autosave(client, draft, "coordonnees", typed).status_code == 404
    assert _answers(draft) == draft.answers


# -- What is refused ------------------------------------------------------------------------------------


def test_an_autosave_of_a_stranger_or_without_a_draft_saves_nothing(draft: Draft) -> None:
    typed = _fields(browser_of(draft), draft, "identite") | {"first_name": "Intruse"}
    before = _answers(draft)
    stranger = browser_of(make_draft())
    assert _autosave(Client(), draft, "identite", typed).status_code == 401
    assert _autosave(stranger, draft, "identite", typed).status_code == 404
    assert _autosave(browser_of(draft), draft, "inconnue", typed).status_code == 404
    assert browser_of(draft).get(url("autosave", draft, "identite")).status_code == 405
    assert _answers(draft) == before
    filed = make_filing().filing
    client = client_of(filed.submission.candidate)
    assert _autosave(client, filed.draft, "identite", typed).status_code == 404


def test_an_autosave_after_the_closing_or_out_of_scope_gives_the_reason(draft: Draft) -> None:
    client = browser_of(draft)
    typed = _fields(client, draft, "identite") | {"first_name": "Tardive"}
    close_offer(draft.submission.offer, seconds_ago=1)
    late = _autosave(client, draft, "identite", typed)
    assert late.status_code == 409
    assert "Ces réponses n’ont pas été enregistrées. L’offre ne reçoit plus de candidatures" in text_of(
        late.content
    )
    assert _answers(draft)["first_name"] != "Tardive"
    submission = make_filed_and_closed()
    request_complement_for(submission)
    answering = start_answer(submission)
    outside = _autosave(browser_of(answering), answering, "identite", {"first_name": "Autre"})
    assert outside.status_code == 409
    assert "Seuls les éléments du complément demandé peuvent encore changer" in text_of(outside.content)


def test_a_form_that_arrived_incomplete_saves_nothing(draft: Draft) -> None:
    client, before = browser_of(draft), _answers(draft)
    cut = {"studies-TOTAL_FORMS": "3", "studies-INITIAL_FORMS": "0", "bar_school": "true"}
    assert _autosave(client, draft, "etudes", cut).status_code == 422
    assert _answers(draft) == before


# -- Limits ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "key, name, text",
    [("identite", "birth_date", "4 mai " * 40_000), ("residence", "quebec_resident_since", "x" * 250_000)],
)
def test_an_unreadable_day_is_kept_up_to_a_few_lines(draft: Draft, key: str, name: str, text: str) -> None:
    client = browser_of(draft)
    fields = _fields(client, draft, key) | {name: text}
    assert _autosave(client, draft, key, fields).status_code == 200
    kept = Draft.objects.get(pk=draft.pk).answers
    assert kept[UNREADABLE][key][name] == text[:MOST_TYPED]
    assert len(str(kept)) < len(str(draft.answers)) + 2 * MOST_TYPED


@pytest.mark.parametrize("path", ["autosave", "section"])
def test_a_section_longer_than_all_its_texts_is_refused_unread(draft: Draft, path: str) -> None:
    client = browser_of(draft)
    sent = _fields(client, draft, "identite") | {"birth_date": "x" * 300_000}
    assert client.post(url(path, draft, "identite"), sent).status_code == 413
    assert Draft.objects.get(pk=draft.pk).answers == draft.answers


@pytest.mark.parametrize("text", ["1" + "," * 240_000 + "1", " " * 240_000 + "poste"])
def test_a_telephone_number_of_any_length_is_read_at_once(draft: Draft, text: str) -> None:
    client = browser_of(draft)
    fields = _fields(client, draft, "coordonnees") | {"phone": text}
    began = perf_counter()
    assert _autosave(client, draft, "coordonnees", fields).status_code == 200
    assert perf_counter() - began < 5  # a second on a busy machine; the pattern took minutes


def test_typing_in_two_pages_is_saved_and_a_script_without_end_is_not() -> None:
    draft = make_draft()  # of a person of its own: saves are counted
    client = browser_of(draft)
    fields = _fields(client, draft, "identite")
    statuses = [_autosave(client, draft, "identite", fields).status_code for _save in range(121)]
    assert statuses[:80] == [200] * 80
    assert statuses[-1] == 429
    page = client.post(url("section", draft, "identite"), fields)
    assert (page.status_code, page.headers["Retry-After"]) == (429, "60")
