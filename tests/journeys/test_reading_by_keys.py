"""Files are read, verified and marked by keys alone, in as few actions as the target U9 allows."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Visit
from tests.journeys.portal import Portal
from tests.journeys.reading_scene import LINES

pytestmark = pytest.mark.browser

SLOW = """
  const plain = fetch;
  fetch = async (...request) => {
    await new Promise((go) => setTimeout(go, 3000));
    return plain(...request);
  };
"""
"""A line on which each save takes three seconds."""


def made(portal: Portal, files: int) -> dict[str, Any]:
    found: dict[str, Any] = portal.made_by(
        f"from tests.journeys.reading_scene import make_to_read; make_to_read({files})"
    )
    return found


def asked(portal: Portal, expression: str) -> Any:
    return portal.made_by(
        "import json\nfrom intake.review.models import Assessment, Evidence, ReadingDraft\n"
        f"print(json.dumps({expression}))"
    )


def open_reading(visit: Visit, work: dict[str, Any], **options: Any) -> Page:
    page = visit("/admin/lecture/", width=1280, cookies=[work["session"]], **options)
    expect(page.locator("form.reading")).to_have_class("review-form reading is-keyed")
    return page


def marks(page: Page) -> list[str]:
    found: list[str] = page.eval_on_selector_all(
        ".reading-marks input:checked", "all => all.map((one) => one.value)"
    )
    return [mark for mark in found if mark]


def work_through(page: Page) -> int:
    """Work through the file by keys; return the number of actions. The last one submits it and opens the next."""
    pages = page.locator(".reading-page:not([data-proves=''])").count()
    for _page in range(pages):
        page.keyboard.press("c")
    for line in range(LINES):
        page.keyboard.press(str(line % 6))
    left = page.locator(".reading-place [data-left]")
    expect(left).to_have_text("0")
    before = page.url
    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda url: url != before)
    return pages + LINES + 1


def test_three_files_are_read_by_keys_within_the_target(visit: Visit, portal: Portal) -> None:
    work = made(portal, 3)
    page = open_reading(visit, work, alters=True)
    page.add_init_script(
        "addEventListener('mousedown', () => { throw new Error('a mouse was used'); }, true)"
    )
    pages = page.locator(".reading-page:not([data-proves=''])").count()
    for _file in range(3):
        assert work_through(page) <= LINES + pages + 2
    expect(page.locator(".messagelist")).to_contain_text("C’était le dernier dossier à lire.")
    own = f"Assessment.objects.filter(reviewer={work['reader']}, submitted_at__isnull=False)"
    assert asked(portal, f"{own}.count()") == 3
    assert asked(portal, f"Evidence.objects.filter(author={work['reader']}).count()") >= 3
    given = asked(portal, f"sorted(line.mark for one in {own} for line in one.line_marks.all())")
    assert given == sorted(3 * [line % 6 for line in range(LINES)])


def test_steps_are_undone_and_text_is_not_taken_for_keys(visit: Visit, portal: Portal) -> None:
    page = open_reading(visit, made(portal, 1))
    for mark in "345":
        page.keyboard.press(mark)
    page.keyboard.press("Backspace")
    page.keyboard.press("Backspace")
    assert marks(page) == ["3"]
    page.keyboard.press("4")
    assert marks(page) == ["3", "4"], "the line whose mark was undone is marked again"
    page.keyboard.press("m")
    page.keyboard.type("3 ans, c x s n p d 5 ?")
    page.keyboard.press("Enter")
    assert marks(page) == ["3", "4"]
    expect(page.locator(".reading-line.is-current input[type=text]")).to_have_value("3 ans, c x s n p d 5 ?")
    page.keyboard.press("5")
    assert marks(page) == ["3", "4", "5"]


def test_a_contradiction_asks_for_a_word_and_a_file_is_put_aside_with_a_reason(
    visit: Visit, portal: Portal
) -> None:
    page = open_reading(visit, made(portal, 2), alters=True)
    page.evaluate(SLOW)
    page.keyboard.press("x")
    page.keyboard.type("Le relevé dit 2019.")
    page.keyboard.press("Escape")
    contradicted = page.locator(".reading-fact:has([value=CONTRADICTED]:checked)")
    expect(contradicted.locator("input[name$=note]")).to_have_value("Le relevé dit 2019.")
    first = page.url
    page.keyboard.press("s")
    page.keyboard.type("Relire le relevé.")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: url != first)
    page.keyboard.press("n")
    page.wait_for_url(first)
    expect(page.locator(".review-banner")).to_contain_text("Relire le relevé.")
    expect(contradicted.locator("input[name$=note]")).to_have_value("Le relevé dit 2019.")


def test_keys_that_type_brackets_or_belong_to_others_do_nothing(visit: Visit, portal: Portal) -> None:
    page = open_reading(visit, made(portal, 1))
    here = page.url
    for key in ("[", "]", "Alt+c", "Control+c", "Meta+3", "Alt+3"):
        page.keyboard.press(key)
    assert (page.url, marks(page)) == (here, [])
    assert page.locator(".reading-fact input:checked:not([value=''])").count() == 0


def test_without_a_script_the_same_form_submits_a_file(visit: Visit, portal: Portal) -> None:
    work = made(portal, 2)
    page = visit("/admin/lecture/", width=1280, cookies=[work["session"]], javascript=False)
    for line in page.locator(".reading-line").all():
        line.get_by_label("4 —").check()
    fact = page.locator(".reading-fact").first
    fact.get_by_label("Confirmé", exact=True).check()
    fact.get_by_label("Page du dossier").fill(fact.locator(".reading-basis a").first.inner_text())
    first = page.url
    page.get_by_role("button", name="Remettre et suivant").click()
    page.wait_for_url(lambda url: url != first)
    expect(page.locator(".messagelist")).to_contain_text("Votre évaluation est remise.")
    assert asked(portal, f"Evidence.objects.filter(author={work['reader']}).count()") == 1
