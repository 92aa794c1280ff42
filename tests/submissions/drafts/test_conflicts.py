"""Two windows answer one question: both answers are kept, the candidate chooses, and nothing is filed before."""

import re
from typing import Any

import pytest
from django.test import Client

from intake.submissions.drafts.answer_merge import Page, Shown, merge_section, settle_answer
from intake.submissions.lifecycle.errors import AnswersConflictError
from intake.submissions.models import Arrival, Draft, Filing
from intake.submissions.questions.answers import CONFLICTS, PAGES, UNREADABLE
from intake.submissions.questions.sections import Section
from offers.models import GridLineData
from tests.factories.submissions import close_offer, make_draft, make_open_offer
from tests.submissions.pages import browser_of, file_now, pressed, section_of, text_of, url, view_context

pytestmark = pytest.mark.django_db
FIRST, SECOND = "Trois ans dans un club de débat.", "Deux étés au festival de Gaspé."
CHOICE = re.compile(
    r'formaction="([^"]+)" name="(saved|typed)" value="([^"]+)">(?:Garder la rép|Prendre l’autre)'
)


@pytest.fixture
def draft() -> Draft:
    """A complete draft with one line of the grid answered."""
    return make_draft(offer=make_open_offer(grid=[GridLineData(text="A débattu", requirement="REQUIRED")]))


def _window(client: Client, draft: Draft) -> dict[str, str]:
    """Return the hidden fields of a new window of the section."""
    shown = client.get(url("section", draft, "competences")).content.decode()
    return dict(re.findall(r'type="hidden" name="(lines|seen|page)" value="([^"]*)"', shown))


def _line(draft: Draft) -> str:
    return f"line_{draft.submission.offer.grid_lines.get().pk}"


def _type_in_two_windows(draft: Draft, *, script: bool) -> Client:
    """Save `FIRST` in one window, then `SECOND` in another one that was opened before."""
    client = browser_of(draft)
    name, line = ("autosave" if script else "section"), _line(draft)
    windows = [_window(client, draft) for _window_number in range(2)]
    for window, text in zip(windows, (FIRST, SECOND), strict=True):
        client.post(url(name, draft, "competences"), window | {line: text})
    return client


def _stored(draft: Draft) -> Any:
    return Draft.objects.get(pk=draft.pk).answers["grid"].popitem()[1]


def _choices(page: str) -> dict[str, tuple[str, str]]:
    """Return the address and value of each button by its name."""
    return {name: (address, value) for address, name, value in CHOICE.findall(page)}


@pytest.mark.parametrize("script", [True, False])
def test_a_filing_waits_for_the_choice_between_the_answers_of_two_windows(
    draft: Draft, *, script: bool
) -> None:
    before = pressed(draft)
    client = _type_in_two_windows(draft, script=script)
    for sent in (before, pressed(draft)):
        assert client.post(url("file", draft), sent, follow=True).status_code in {200, 409}
    assert not Filing.objects.exists()
    page = text_of(client.get(url("review", draft)).content)
    assert "Le bouton de dépôt attend votre choix" in page
    assert "Déposer ma candidature</button>" not in page
    assert FIRST in page.split('id="depot"')[1]
    assert SECOND in page.split('id="depot"')[1]
    address, shown = _choices(page)["typed"]
    settled = client.post(address, {"typed": shown, "review": "1"})
    assert settled.headers["Location"] == f"{url('review', draft)}#depot"
    assert _stored(draft) == SECOND
    assert "Déposer ma candidature</button>" in text_of(client.get(url("review", draft)).content)
    assert client.post(url("file", draft), pressed(draft)).headers["Location"] == url("receipt", draft)


def test_the_saved_answer_may_be_kept_and_the_other_one_goes(draft: Draft) -> None:
    client = _type_in_two_windows(draft, script=True)
    address, shown = _choices(text_of(client.get(url("section", draft, "competences")).content))["saved"]
    assert client.post(address, {"saved": shown}).headers["Location"] == url("section", draft, "competences")
    assert _stored(draft) == FIRST
    assert CONFLICTS not in Draft.objects.get(pk=draft.pk).answers
    assert _choices(client.get(url("section", draft, "competences")).content.decode()) == {}


def test_a_choice_counts_for_what_its_page_displayed(draft: Draft) -> None:
    client = _type_in_two_windows(draft, script=True)
    address, shown = _choices(text_of(client.get(url("review", draft)).content))["saved"]
    third = _window(client, draft)
    client.post(url("autosave", draft, "competences"), third | {_line(draft): "Un autre texte."})
    answer = client.post(address, {"saved": shown}, follow=True)
    assert "Ces réponses ont changé entre-temps." in text_of(answer.content)
    assert CONFLICTS in Draft.objects.get(pk=draft.pk).answers
    for wrong in ({}, {"saved": "x"}, {"typed": ""}):
        client.post(address, wrong)
    assert CONFLICTS in Draft.objects.get(pk=draft.pk).answers
    assert client.get(address).headers["Location"] == url("section", draft, "competences")


def test_no_window_reports_a_save_while_two_answers_differ(draft: Draft) -> None:
    client = browser_of(draft)
    one, other = (_window(client, draft) for _window_number in range(2))
    line, address = _line(draft), url("autosave", draft, "competences")
    client.post(address, one | {line: FIRST})
    typed = text_of(client.post(address, other | {line: SECOND}).content)
    again = text_of(client.post(address, one | {line: f"{FIRST} Bis.", "page": _next(one)}).content)
    for answer in (typed, again):
        assert "Enregistré" not in answer.replace("Enregistrée", "")
        assert "Une réponse attend votre choix" in answer
    assert "data-own" in typed
    assert "data-own" not in again
    for name in ("review", "tasks"):
        assert "Enregistré à" not in text_of(client.get(url(name, draft)).content)
    assert "Brouillon enregistré" not in text_of(client.get(url("section", draft, "competences")).content)


def _next(window: dict[str, str]) -> str:
    name, _dot, sent = window["page"].partition(".")
    return f"{name}.{int(sent) + 1}"


def test_a_choice_is_the_candidates_and_ends_with_the_draft(draft: Draft) -> None:
    client = _type_in_two_windows(draft, script=True)
    address, shown = _choices(text_of(client.get(url("review", draft)).content))["typed"]
    assert browser_of(make_draft()).post(address, {"typed": shown}).status_code == 404
    assert client.post(url("settle", draft, "inconnue"), {"typed": shown}).status_code == 404
    close_offer(draft.submission.offer, seconds_ago=1)
    assert client.post(address, {"typed": shown}).headers["Location"] == url("review", draft)
    assert _stored(draft) == FIRST
    assert "Deux réponses" not in text_of(
        client.get(url("section", draft, "competences"), follow=True).content
    )


def test_an_arrival_with_two_answers_is_refused_under_the_lock(draft: Draft) -> None:
    _type_in_two_windows(draft, script=True)
    with pytest.raises(AnswersConflictError):
        file_now(draft)
    assert not Filing.objects.exists()
    assert not Arrival.objects.exists()


def test_the_own_data_have_both_answers(draft: Draft) -> None:
    client = _type_in_two_windows(draft, script=True)
    assert client.get(url_of_own_data()).content.decode().count(SECOND) == 1


def url_of_own_data() -> str:
    return "/mes-renseignements/donnees.json"


# -- What becomes of a conflict ---------------------------------------------------------------------------


def _section(key: str = "coordonnees") -> Section:
    return section_of(key)


def _merge(stored: dict[str, Any], typed: str | None, page: str, *, shown: str = "Lévis") -> dict[str, Any]:
    seen = Shown(_section().digests({"city": shown}), Page.parse(page))
    return merge_section(_section(), stored, {"city": typed}, {}, seen).answers


IN_CONFLICT = _merge({"city": "Gaspé", PAGES: {"city": "aa.1"}}, "Amos", "bb.3")


@pytest.mark.parametrize(
    "typed, page, shown, conflict",
    [
        pytest.param("Percé", "bb.4", "Lévis", "Percé", id="its window goes on"),
        pytest.param(None, "bb.4", "Lévis", None, id="its window empties it"),
        pytest.param("Percé", "bb.2", "Lévis", "Amos", id="an earlier request of its window comes later"),
        pytest.param("Percé", "cc.1", "Lévis", "Percé", id="a third window"),
        pytest.param("Gaspé", "bb.4", "Lévis", "", id="its window agrees"),
        pytest.param("Amos", "bb.4", "Gaspé", "", id="its window keeps its answer"),
        pytest.param("Amos", "cc.1", "Gaspé", "", id="another window types the same"),
        pytest.param("Percé", "cc.1", "Gaspé", "Amos", id="another window saves something else"),
        pytest.param("Percé", "aa.2", "Lévis", "Amos", id="the first window goes on"),
    ],
)
def test_a_conflict_stands_until_both_answers_agree(
    typed: str | None, page: str, shown: str, conflict: str | None
) -> None:
    merged = _merge(IN_CONFLICT, typed, page, shown=shown)
    found = merged.get(CONFLICTS, {}).get("city")
    assert (found["answers"]["city"] if found else "") == conflict


def test_a_chosen_text_that_cannot_be_read_is_kept_as_typed() -> None:
    section = _section("identite")
    stored = {"birth_date": "1998-05-04", PAGES: {"birth_date": "aa.1", "first_name": "aa.1"}, CONFLICTS: {}}
    seen = Shown(section.digests({"birth_date": "1998-05-03"}), Page("bb", 1))
    merged = merge_section(section, stored, {"birth_date": None}, {"birth_date": "hier"}, seen).answers
    assert merged["birth_date"] == "1998-05-04"
    chosen = settle_answer(section, merged, "birth_date", keeps_typed=True)
    assert chosen[UNREADABLE] == {"identite": {"birth_date": "hier"}}
    assert chosen["birth_date"] is None
    assert chosen[PAGES] == {"first_name": "aa.1"}
    assert CONFLICTS not in chosen
    saved = settle_answer(section, merged, "birth_date", keeps_typed=False)
    assert (saved["birth_date"], UNREADABLE in saved, CONFLICTS in saved) == ("1998-05-04", False, False)


def test_a_conflict_about_a_day_of_a_programme_shows_what_was_typed() -> None:
    draft = make_draft()
    client, section = browser_of(draft), "etudes"
    page = client.get(url("section", draft, section))
    form = page.context["form"]
    posted = form.as_post_data(form.own_answers(draft.answers)) | {"seen": page.context["seen"]}
    posted = {name: str(value) for name, value in posted.items() if value is not None}
    for number, day in enumerate(("demain", "hier")):
        client.post(url("autosave", draft, section), posted | {"studies-0-day": day, "page": f"p{number}.1"})
    (conflict,) = view_context(client.get(url("section", draft, section)))["conflicts"]
    (row,) = conflict.rows
    assert (row.saved, row.typed) == ("demain", "hier")
