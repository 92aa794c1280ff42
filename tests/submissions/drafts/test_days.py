"""The latest day that a draft accepts is today where its offer is, on every way to save, to read and to file it."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from intake.devtools.demonstration.offers import CRITERIA
from intake.submissions.filing.evaluation import IncompleteError, NotEligibleError
from intake.submissions.models import Draft
from intake.submissions.questions.answers import UNREADABLE
from tests.factories.submissions import make_draft, make_open_offer
from tests.other_days import zone_of_another_day
from tests.submissions.pages import browser_of, file_now, text_of, url

pytestmark = pytest.mark.django_db
ZONE = zone_of_another_day()
SINCE = "quebec_resident_since"


@pytest.fixture(params=[0, 1], ids=["today", "tomorrow"])
def days(request: pytest.FixtureRequest) -> int:
    """Days from today in the offer's zone to the typed day: 1 is refused."""
    days: int = request.param
    return days


@pytest.fixture
def day(days: int) -> date:
    return datetime.now(ZONE).date() + timedelta(days=days)


@pytest.fixture
def draft() -> Draft:
    return make_draft(offer=make_open_offer(time_zone=ZONE.key))


def _type(name: str, draft: Draft, day: date) -> Any:
    """Post the section with `day` to one of its addresses."""
    client = browser_of(draft)
    page = client.get(url("section", draft, "residence"))
    posted = {name: value for name, value in page.context["form"].initial.items() if value is not None}
    return client.post(
        url(name, draft, "residence"),
        posted | {SINCE: day.isoformat(), "seen": page.context["seen"], "page": str(page.context["page"])},
    )


def _kept(draft: Draft) -> tuple[str | None, bool]:
    """Return the stored day, and whether a text is stored that could not be read."""
    answers = Draft.objects.get(pk=draft.pk).answers
    return answers[SINCE], SINCE in str(answers.get(UNREADABLE, ""))


def test_a_day_saved_while_it_is_typed(draft: Draft, day: date, days: int) -> None:
    _type("autosave", draft, day)
    assert _kept(draft) == ((day.isoformat(), False) if not days else (None, True))


def test_a_day_saved_by_the_button(draft: Draft, day: date, days: int) -> None:
    _type("section", draft, day)
    assert (_kept(draft)[0] == day.isoformat()) is not bool(days)


def test_a_day_saved_once_the_offer_no_longer_asks(day: date, days: int) -> None:
    criteria = [each for each in CRITERIA if each["kind"] == "LEGAL_STATUS"]
    draft = make_draft(offer=make_open_offer(time_zone=ZONE.key, criteria=criteria))
    browser_of(draft).post(url("section", draft, "residence"), {SINCE: day.isoformat()})
    assert (_kept(draft)[0] == day.isoformat()) is not bool(days)


def test_a_stored_day_on_the_pages_and_at_the_filing(draft: Draft, day: date, days: int) -> None:
    draft.answers |= {SINCE: day.isoformat(), "birth_date": "2001-01-01"}
    draft.save()
    tasks = browser_of(draft).get(url("tasks", draft))
    missing = [section.key for section in tasks.context["application"].readiness.missing_sections]
    assert missing == (["residence"] if days else [])
    with pytest.raises(IncompleteError if days else NotEligibleError):
        file_now(draft)


def test_a_text_that_was_a_day_of_the_future_on_the_review_page(draft: Draft, day: date, days: int) -> None:
    draft.answers |= {SINCE: None, UNREADABLE: {"residence": {SINCE: day.isoformat()}}}
    draft.save()
    page = text_of(browser_of(draft).get(url("review", draft)).content)
    assert ("Enregistrez de nouveau cette réponse." in page) is not bool(days)
