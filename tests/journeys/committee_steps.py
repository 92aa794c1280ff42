"""Steps of staff on the committees' pages, to reach the states that an address alone does not open."""

from playwright.sync_api import Page, expect

from tests.journeys.page_actions import click_and_wait, send_the_last_form


def submit_without_a_mark(page: Page) -> None:
    """Submit the reading of a file without any mark."""
    click_and_wait(page.get_by_role("button", name="Remettre et suivant"))


def ask_what_would_happen(page: Page) -> None:
    """Request the dry run of an action on the whole queue."""
    page.locator("select[name=action]").select_option("start_review")
    click_and_wait(page.locator("button[name=select_across]"))


def ask_which_decision(page: Page) -> None:
    """Tick one submission of the queue and request decisions on it."""
    page.locator("#result_list input[name=_selected_action]").first.check()
    page.locator("select[name=action]").select_option("prepare_decisions")
    click_and_wait(page.locator(".queue-actions button[name=index]"))


def begin_a_batch(page: Page) -> None:
    """Choose the first decision on an offer with undecided submissions, and open the list of submissions."""
    page.locator(".decision-start select[name=offre]").select_option("2031-100")
    click_and_wait(page.locator(".decision-start button"))


def prepare_nothing(page: Page) -> None:
    """Begin a batch and send the form without a title."""
    begin_a_batch(page)
    page.locator("#id_title").fill("")
    click_and_wait(page.locator("main form button[type=submit]").last)


def choose_a_day_that_is_over(page: Page) -> None:
    """Send the assignment form without any file and with a due day in the past."""
    page.locator("form[method=post] #id_due_on").fill("2020-01-01")
    click_and_wait(page.locator("main form[method=post] button[type=submit]").last)


def try_other_weights(page: Page) -> None:
    """Type another weight beside the ranking."""
    page.locator(".ranking-trial summary").click()
    page.locator("[data-trial] input[type=number]").first.fill("9")
    expect(page.locator(".ranking-trial-said")).to_be_visible()


def judge_without_a_word(page: Page) -> None:
    """Rule on a finding of a filing with a review request, without a reason."""
    click_and_wait(page.locator("#constat-3 button[type=submit]"))


def verify_without_a_word(page: Page) -> None:
    """Verify a finding without page or note."""
    page.locator("#critere-2 > details > summary").click()
    click_and_wait(page.locator("#critere-2 button[type=submit]"))


def approve_for_no_day(page: Page) -> None:
    """Approve a batch for later, without an instant."""
    page.locator("input[name=moment][value=plus-tard]").check()
    send_the_last_form(page)


def write_no_word(page: Page) -> None:
    """Remove the message that an invitation requires."""
    page.locator("#id_word").fill("")
    send_the_last_form(page)
