"""Grid lines of an offer, with one short answer each: asked, stored, checked, sealed with the line's text."""

import re

import pytest

from intake.dossiers.services import read_seal
from intake.submissions.drafts.operations import start_draft
from intake.submissions.filing.evaluation import IncompleteError
from intake.submissions.models import Draft
from intake.submissions.questions.forms import LANGUAGE_LEVELS
from intake.submissions.questions.grid_form import LINE_MAX
from intake.submissions.questions.sections import current_questions
from offers.models import GridLine, GridLineData, Offer
from tests.factories.offers import make_draft as make_offer_draft
from tests.factories.people import make_user
from tests.factories.submissions import make_draft, make_open_offer
from tests.submissions.pages import browser_of, file_now, text_of, url

pytestmark = pytest.mark.django_db

GRID = (
    GridLineData(text="a déjà mené un projet"),
    GridLineData(text="connaître R est un atout", requirement="ASSET"),
    GridLineData(text="rédige avec rigueur"),
)


@pytest.fixture(scope="module")
def kept_offer(module_db: None) -> Offer:
    return make_open_offer(grid=GRID)


def fields(offer: Offer, *texts: str) -> dict[str, str]:
    """Return form data with `texts` for the offer's lines, in order."""
    lines = offer.grid_lines.order_by("position")
    return {f"line_{line.pk}": text for line, text in zip(lines, texts, strict=True)}


def sealed_grid(draft: Draft) -> list[tuple[str, str]]:
    receipt = file_now(draft)
    sections = {section.key: section for section in read_seal(receipt.filing.seal).sections}
    return [(answer.label, answer.value) for answer in sections["competences"].answers]


def test_grid_lines_are_displayed_in_order_with_their_text(offer: Offer) -> None:
    draft = make_draft(offer=offer)
    shown = text_of(browser_of(draft).get(url("section", draft, "competences")).content)
    places = [shown.index(line.text[1:]) for line in GRID]
    assert places == sorted(places)
    assert shown.count("(exigé)") == 2
    assert shown.count("(atout, facultatif)") == 1
    assert shown.count(f'data-limit="{LINE_MAX}"') == 3


def test_reordered_grid_lines_become_questions_in_their_new_order() -> None:
    offer = make_offer_draft(grid=GRID)
    for position, line in enumerate(offer.grid_lines.order_by("-position"), start=11):
        offer.grid_lines.filter(pk=line.pk).update(position=position)
    assert [line.text for line in current_questions(offer).lines] == [line.text for line in reversed(GRID)]


def test_an_offer_without_grid_lines_has_no_grid_section() -> None:
    draft = make_draft()
    browser = browser_of(draft)
    with_lines = make_draft(offer=make_open_offer(grid=GRID))
    assert "Compétences et expérience" in text_of(
        browser_of(with_lines).get(url("tasks", with_lines)).content
    )
    assert "Compétences et expérience" not in text_of(browser.get(url("tasks", draft)).content)
    assert browser.get(url("section", draft, "competences")).status_code == 404


def test_answers_to_grid_lines_are_sealed_with_the_text_of_the_line(offer: Offer) -> None:
    draft = make_draft(offer=offer, grid={})
    page = url("section", draft, "competences")
    saved = browser_of(draft).post(page, fields(offer, "Un club,\r\n\r\n\r\ntrois  ans.", "", "Mémoire 🎓"))
    assert saved.headers["Location"] == url("section", draft, "langues")
    draft.refresh_from_db()
    assert sealed_grid(draft) == [
        ("a déjà mené un projet", "Un club,\n\ntrois ans."),
        ("connaître R est un atout", ""),
        ("rédige avec rigueur", "Mémoire 🎓"),
    ]


def test_a_required_line_without_an_answer_keeps_the_rest_and_is_not_filed(offer: Offer) -> None:
    draft = make_draft(offer=offer, grid={})
    page = url("section", draft, "competences")
    browser = browser_of(draft)
    answer = browser.post(page, fields(offer, "Un club.", "", ""))
    assert answer.headers["Location"] == f"{page}?a-corriger"
    shown = text_of(browser.get(answer.headers["Location"]).content)
    last = offer.grid_lines.get(position=3)
    assert f'<a href="#id_line_{last.pk}"><span lang="fr-CA">Rédige avec rigueur</span> — Répondez' in shown
    assert "rien n’est perdu" in shown
    draft.refresh_from_db()
    first = offer.grid_lines.get(position=1)
    assert draft.answers["grid"] == {str(first.pk): "Un club."}
    with pytest.raises(IncompleteError) as refused:
        sealed_grid(draft)
    assert refused.value.sections == ("competences",)


@pytest.mark.parametrize("length, status", [(LINE_MAX, 302), (LINE_MAX + 1, 303)])
def test_the_limit_counts_normalised_characters(offer: Offer, length: int, status: int) -> None:
    draft = make_draft(offer=offer)
    typed = (
        "  é\u0301" + "\r\n" + "🎓" * (length - 3)
    )  # é and its combining mark are two characters in NFC, and the line end is one
    answer = browser_of(draft).post(url("section", draft, "competences"), fields(offer, typed, "", "Oui."))
    assert answer.status_code == status
    draft.refresh_from_db()
    first = str(offer.grid_lines.get(position=1).pk)
    kept = draft.answers["grid"].get(first) == "é\u0301\n" + "🎓" * (length - 3)
    shown = text_of(browser_of(draft).get(answer.headers["Location"]).content)
    refused = (
        f"{LINE_MAX + 1} caractères ; le maximum est de {LINE_MAX}" in shown and "🎓" * (length - 3) in shown
    )
    assert (kept, refused) == (status == 302, status == 303)


def test_an_answer_to_a_line_removed_meanwhile_is_kept_and_displayed(offer: Offer) -> None:
    draft = make_draft(offer=offer)
    browser, page = browser_of(draft), url("section", draft, "competences")
    sent = dict(re.findall(r'name="(seen|lines)" value="([^"]+)"', browser.get(page).content.decode()))
    gone, kept = offer.grid_lines.get(position=1), offer.grid_lines.get(position=3)
    typed = sent | {
        "page": "a.1",
        f"line_{gone.pk}": "Un club,\r\ntrois  ans.",
        f"line_{kept.pk}": "Autrement.",
    }
    GridLine.objects.filter(pk=gone.pk).delete()
    refused = browser.post(page, typed | {f"line_{kept.pk}": "a" * (LINE_MAX + 1)}, follow=True)
    shown = refused.content.decode()
    assert f'<input type="hidden" name="line_{gone.pk}" value="Un club,\ntrois ans.">' in shown
    assert "a" * (LINE_MAX + 1) in shown
    for _twice in range(2):
        assert browser.post(page, typed).status_code == 302, "no other tab is to blame"
    draft.refresh_from_db()
    assert draft.answers["grid"] == {str(gone.pk): "Un club,\ntrois ans.", str(kept.pk): "Autrement."}
    shown = text_of(browser.get(page).content)
    assert "Un point auquel vous répondiez a été retiré de l’offre." in shown
    assert "Cette ligne a été retirée de l’offre ; votre réponse n’est plus demandée" in shown
    assert "<blockquote>Un club,<br>trois ans.</blockquote>" in shown
    assert sealed_grid(draft) == [(GRID[1].text, ""), (GRID[2].text, "Autrement.")]


def test_an_answer_to_a_grid_removed_meanwhile_is_kept_and_displayed(offer: Offer) -> None:
    draft = make_draft(offer=offer, grid={})
    browser, page = browser_of(draft), url("section", draft, "competences")
    shown = browser.get(page).content.decode()
    sent = dict(re.findall(r'name="(seen|lines)" value="([^"]+)"', shown))
    line = offer.grid_lines.get(position=1)
    offer.grid_lines.all().delete()
    assert browser.get(page).status_code == 404, "nothing was said there yet"
    for _twice in range(2):
        sending = browser.post(page, sent | {f"line_{line.pk}": "Un club, trois ans."})
        assert sending.headers["Location"] == page
        shown = text_of(browser.get(page).content)
        assert "L’offre ne pose plus ces questions" in shown
        assert "<blockquote>Un club, trois ans.</blockquote>" in shown
    assert browser.post(url("section", draft, "rien")).status_code == 404


def test_a_line_added_to_the_grid_is_required_before_filing(offer: Offer) -> None:
    draft = make_draft(offer=offer)
    GridLine.objects.create(offer=offer, position=9, text="parle portugais")
    with pytest.raises(IncompleteError) as refused:
        sealed_grid(draft)
    assert refused.value.sections == ("competences",)


def test_a_draft_for_another_offer_is_prefilled_without_grid_answers(offer: Offer) -> None:
    earlier = make_draft(offer=offer)
    other = start_draft(candidate=earlier.submission.candidate, offer=make_open_offer(grid=GRID))
    for key in ("studies", "bar_school", *LANGUAGE_LEVELS, "other_languages", "city"):
        assert other.answers[key] == earlier.answers[key], key
    for key in ("grid", "attests_skills", "attests_writing_fr", "past_participant"):
        assert key not in other.answers, key


def test_the_draft_of_another_user_is_not_prefilled(offer: Offer) -> None:
    make_draft(offer=offer)
    assert start_draft(candidate=make_user(), offer=offer).answers == {}
