"""Bad input that is typed, pasted, sent twice or stored in a draft: one clear message, and nothing is lost."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import escape
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from intake.dossiers.services import read_seal
from intake.profiles.fields import MOST_TYPED, TypedDateField
from intake.submissions.gate.readiness import Progress, check_readiness
from intake.submissions.models import Draft
from intake.submissions.questions.answers import clean_answers
from intake.submissions.questions.offer_questions import GridQuestion, OfferQuestions
from intake.submissions.questions.sections import Section, section_by_key, sections_for
from offers.models import GridLineData
from tests.factories.submissions import make_draft, make_open_offer
from tests.submissions.pages import browser_of, file_now, text_of, url
from tests.submissions.questions.test_questions import rulebook

pytestmark = pytest.mark.django_db

RULES = rulebook(
    {"kind": "STUDIES", "degree_window_months": 24, "finishing_within_months": 12},
    {"kind": "AGE", "minimum": 18, "maximum": 35, "on": "starts_on"},
    {"kind": "LEGAL_STATUS", "accepted": ["CITIZEN"]},
    {"kind": "DOMICILE", "provinces": ["QC"]},
    {"kind": "RESIDENCE", "months": 12, "on": "closes_on"},
    {"kind": "WRITING", "languages": ["fr", "en"]},
    {"kind": "SKILLS"},
    {"kind": "ONCE_ONLY"},
)
ASKS = OfferQuestions(
    RULES, (GridQuestion(7, "mène un projet", required=True), GridQuestion(8, "R", required=False))
)
SECTIONS = sections_for(ASKS)
KEYS = [section.key for section in SECTIONS]
SOME_KEYS = [
    key if key in {"identite", "etudes", "attestations"} else pytest.param(key, marks=pytest.mark.full)
    for key in KEYS
]
"""For what one view does with every section: fields, a list of entries, and boxes; all in the exhaustive run."""
TODAY = timezone.localdate()
LONG = "a" * 20_000
FEW = settings().max_examples // 5
"""Number of examples for tests of complete forms, which are slow."""


def posted(section: Section, answers: dict[str, Any]) -> dict[str, Any]:
    """Return form data for `answers`; None becomes an empty text."""
    return {key: "" if value is None else value for key, value in section.form.as_post_data(answers).items()}


@pytest.fixture(scope="module")
def kept_draft(module_db: None) -> Draft:
    return make_draft(offer=make_open_offer(grid=[GridLineData(text="mène un projet")]))


def section_of(draft: Draft, key: str) -> Section:
    lines = tuple(
        GridQuestion(line.pk, line.text, required=True) for line in draft.submission.offer.grid_lines.all()
    )
    section = section_by_key(key, sections_for(OfferQuestions(RULES, lines)))
    assert section is not None
    return section


# -- Typed into a page -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", SOME_KEYS)
def test_very_long_texts_are_refused_and_kept_on_the_page(draft: Draft, key: str) -> None:
    section = section_of(draft, key)
    typed = {
        name: LONG if not str(value).isdecimal() or "FORMS" not in name else value
        for name, value in posted(section, section.of(draft.answers)).items()
    }
    answer = browser_of(draft).post(url("section", draft, key), typed, follow=True)
    assert answer.redirect_chain[-1][1] == 303
    shown = answer.content.decode()
    assert "Corrigez ce qui suit" in shown
    for name, field in section.form.base_fields.items():
        if not hasattr(field, "choices"):
            kept = LONG[:MOST_TYPED] if isinstance(field, TypedDateField) else LONG
            assert re.search(rf'name="{name}"[^>]*(value="|>\s*){kept}', shown), name
    draft.refresh_from_db()
    assert LONG not in str(clean_answers(draft.answers))


@pytest.mark.parametrize(
    "name",
    [
        "D’Arcy-O'Neil",
        "محمد",
        "مریم‌بانو",
        "李",
        "Nguyễn",
        "Ѳеодоръ",
        "Zoë\u200f\u202e",
        "🎓 Ó",
        "\x00Noor\x00",
        "-",
    ],
)
def test_names_of_any_script_are_saved_and_displayed_unchanged(draft: Draft, name: str) -> None:
    page = url("section", draft, "identite")
    typed = {"first_name": name, "last_name": name, "birth_date": "4 mai 1998"}
    assert browser_of(draft).post(page, typed).status_code == 302
    draft.refresh_from_db()
    kept = draft.answers["first_name"]
    assert not re.search("[\x00\u200f\u202e]", kept)
    assert f'name="first_name" value="{escape(kept)}"' in browser_of(draft).get(page).content.decode()


@pytest.mark.parametrize("key", SOME_KEYS)
def test_null_characters_are_refused_without_an_error(draft: Draft, key: str) -> None:
    before = clean_answers(draft.answers)
    section = section_of(draft, key)
    typed = {
        name: f"\x00{value}" if "FORMS" not in name else value
        for name, value in posted(section, section.of(draft.answers)).items()
    }
    answer = browser_of(draft).post(url("section", draft, key), typed)
    assert answer.status_code == (302 if key == "competences" else 303)
    draft.refresh_from_db()
    stored = clean_answers(draft.answers)
    assert {name: stored[name] for name in stored if stored[name] != before.get(name)} == {}


@pytest.mark.parametrize(
    "management",
    [
        {},
        {"studies-TOTAL_FORMS": "beaucoup", "studies-INITIAL_FORMS": "0"},
        {"studies-TOTAL_FORMS": "-1", "studies-INITIAL_FORMS": "0"},
        {"studies-TOTAL_FORMS": "99999999", "studies-INITIAL_FORMS": "0"},
        {"studies-TOTAL_FORMS": "9" * 5_000, "studies-INITIAL_FORMS": "0"},
        {"studies-TOTAL_FORMS": "1", "studies-INITIAL_FORMS": "9"},
    ],
)
@pytest.mark.parametrize("button", [{}, {"stay": "1"}, {"add": "1"}])
def test_incomplete_forms_of_studies_are_refused_and_keep_stored_ones(
    draft: Draft, management: dict[str, str], button: dict[str, str]
) -> None:
    before = draft.answers["studies"]
    answer = browser_of(draft).post(
        url("section", draft, "etudes"),
        management | button | {"bar_school": "false", "professional_order_stage": "false"},
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, url("section", draft, "etudes"))
    draft.refresh_from_db()
    assert draft.answers["studies"] == before


def test_answers_to_unknown_lines_are_not_kept(draft: Draft) -> None:
    (line,) = draft.submission.offer.grid_lines.all()
    answer = browser_of(draft).post(
        url("section", draft, "competences"),
        {f"line_{line.pk}": "Un club.", "line_999999": "Intrus", "line_x": "Intrus", "grid": "Intrus"},
    )
    assert answer.status_code == 302
    draft.refresh_from_db()
    assert draft.answers["grid"] == {str(line.pk): "Un club."}


def test_the_same_section_sent_twice_is_saved_once_without_a_conflict(draft: Draft) -> None:
    (line,) = draft.submission.offer.grid_lines.all()
    page, browser = url("section", draft, "competences"), browser_of(draft)
    seen = re.search(r'name="seen" value="([^"]+)"', browser.get(page).content.decode())
    assert seen is not None
    typed = {f"line_{line.pk}": "Un club.", "seen": seen[1]}
    assert [browser.post(page, typed).status_code for _click in range(2)] == [302, 302]
    version = draft.version
    draft.refresh_from_db()
    assert (draft.version, draft.answers["grid"]) == (version + 1, {str(line.pk): "Un club."})


@pytest.mark.parametrize("key", SOME_KEYS)
def test_each_section_sent_after_the_session_ended_is_restored(draft: Draft, key: str) -> None:
    section = section_of(draft, key)
    page = url("section", draft, key)
    typed = posted(section, section.of(draft.answers))
    for name, value in typed.items():
        field = section.form.base_fields.get(name)
        if not (hasattr(field, "choices") or "FORMS" in name or "state" in name or "level" in name):
            typed[name] = f"{value} — retapé"
    browser = Client()
    door = browser.post(page, typed)
    assert door.status_code == 302
    session = browser.session
    browser.force_login(draft.submission.candidate)
    kept = browser.session
    kept.update({name: value for name, value in session.items() if name not in kept})
    kept.save()
    shown = text_of(browser.get(page).content)
    assert "Voici le formulaire, comme vous l’avez rempli" in shown
    for value in typed.values():
        if str(value).endswith("retapé"):
            assert str(value).replace("'", "&#x27;") in shown


# -- Leaving before the end --------------------------------------------------------------------------------------------


def test_going_back_saves_an_unfinished_section(draft: Draft) -> None:
    (line,) = draft.submission.offer.grid_lines.all()
    page, browser = url("section", draft, "competences"), browser_of(draft)
    answer = browser.post(page, {f"line_{line.pk}": "", "previous": "1"})
    assert answer.headers["Location"] == url("section", draft, "etudes")
    draft.refresh_from_db()
    assert draft.answers["grid"] == {}
    answer = browser.post(url("section", draft, "identite"), {"first_name": "Zoé", "stay": "1"})
    assert answer.headers["Location"] == url("tasks", draft)
    draft.refresh_from_db()
    assert (draft.answers["first_name"], draft.answers["last_name"]) == ("Zoé", None)
    assert draft.submission.candidate.profile.last_name  # incomplete answers empty no profile
    listed = text_of(browser.get(url("tasks", draft)).content)
    assert re.search(r"enregistré à \d+ h \d\d", listed)


def test_a_form_without_programmes_returns_with_an_empty_one(draft: Draft) -> None:
    browser = browser_of(draft)
    typed = {"studies-TOTAL_FORMS": "0", "studies-INITIAL_FORMS": "0", "bar_school": "false"}
    shown = browser.post(url("section", draft, "etudes"), typed, follow=True)
    assert "Ajoutez au moins un programme" in text_of(shown.content)
    assert 'name="studies-0-level"' in shown.content.decode()


# -- Stored in a draft -------------------------------------------------------------------------------------------------

TEXTS = st.text(max_size=40) | st.sampled_from(
    ["", "QC", "CITIZEN", "1998-05-04", "19980504", "ADVANCED", "MASTER"]
)
GARBAGE = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
ANSWER_KEYS = sorted({key for section in SECTIONS for key in section.form.answer_keys()})
DRAFTS = GARBAGE | st.dictionaries(st.sampled_from(ANSWER_KEYS), GARBAGE, max_size=12)


@given(answers=DRAFTS)
@settings(max_examples=FEW, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_draft_with_any_answers_opens_and_is_evaluated(answers: Any) -> None:
    readiness = check_readiness(answers=answers, documents=[], provided=[], asks=ASKS, on=TODAY)
    assert readiness.verdict.findings
    for section in SECTIONS:
        assert str(section.show(answers, on=TODAY))
        assert section.fingerprint(answers)
    assert clean_answers(clean_answers(answers)) == clean_answers(answers)


@pytest.mark.parametrize(
    "answers", [[], "x", {"studies": 3, "grid": [1], "birth_date": "hier", "phone": 5}, {}]
)
def test_a_damaged_draft_can_be_opened_corrected_and_filed(draft: Draft, answers: Any) -> None:
    whole = draft.answers
    Draft.objects.filter(pk=draft.pk).update(answers=answers)
    browser = browser_of(draft)
    for page in (url("tasks", draft), url("review", draft), *(url("section", draft, key) for key in KEYS)):
        assert browser.get(page).status_code == 200, page
    for key in KEYS:
        section = section_of(draft, key)
        saved = browser.post(url("section", draft, key), posted(section, section.of(whole)))
        assert saved.status_code == 302, text_of(saved.content)
    draft.refresh_from_db()
    receipt = file_now(draft)
    sealed = read_seal(receipt.filing.seal)
    assert (sealed.person.last_name, sealed.facts["birth_date"]) == (whole["last_name"], whole["birth_date"])


PHRASES = st.text(min_size=1, max_size=60) | st.sampled_from(
    ["Zoé", "2 ans\r\n\r\n\r\nici", "é\u0301 \u200f🎓", "a" * 600]
)
DAYS = st.dates().map(lambda day: day.isoformat()) | st.sampled_from(
    ["4 mai 1998", "30 avril 2028", "hier", ""]
)


def control(name: str, field: Any) -> st.SearchStrategy[str]:
    """Return a strategy of texts for one field."""
    if hasattr(field, "choices"):
        return st.sampled_from([code for code, _label in field.choices])
    return DAYS if "date" in name or "since" in name or name == "day" else PHRASES


@pytest.mark.parametrize("key", SOME_KEYS)
@given(data=st.data())
@settings(
    max_examples=FEW, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
def test_answers_that_a_section_accepts_are_accepted_by_the_filing(key: str, data: st.DataObject) -> None:
    section = section_by_key(key, SECTIONS)
    assert section is not None
    typed = {name: data.draw(control(name, field)) for name, field in section.form.base_fields.items()}
    typed |= {"phone": "418 555-0142", "postal_code": "g1r 4y8"} if key == "coordonnees" else {}
    if key == "etudes":
        count = data.draw(st.integers(0, 3))
        typed |= {"studies-TOTAL_FORMS": str(count), "studies-INITIAL_FORMS": "0"}
        for index in range(count):
            for name, field in section.form.ENTRY.base_fields.items():  # type: ignore[attr-defined]  # -- StudiesForm
                typed[f"studies-{index}-{name}"] = data.draw(control(name, field))
    partial = data.draw(st.booleans())
    form = section.bound_form(typed, {}, on=TODAY, partial=partial)
    assume(form.is_valid())
    kept = form.answers()
    said = {name: value for name, value in section.form.own_answers(kept).items() if value is not None}
    assert section.of(kept) == said, "nothing that is saved is unreadable"
    again = section.bound_form(section.form.as_post_data(section.of(kept)), {}, on=TODAY, partial=partial)
    assert again.is_valid(), again.errors
    assert again.answers() == kept
    if not partial:
        found = check_readiness(answers=kept, documents=[], provided=[], asks=ASKS, on=TODAY)
        assert {row.section.key: row.progress for row in found.sections}[key] == Progress.COMPLETE
