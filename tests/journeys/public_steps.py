"""Steps on a page before it is checked."""

from playwright.sync_api import FilePayload, Page, expect

from tests.journeys.page_actions import click_and_wait


def verify_a_slip(page: Page) -> None:
    page.locator("#id_code").fill("7K3M")
    click_and_wait(page.locator("main form .btn-primary"))
    expect(page.locator(".error-summary")).to_be_visible()


def verify_an_unknown_code(page: Page) -> None:
    page.locator("#id_code").fill("7K3M-9QXD-2TBC")
    click_and_wait(page.locator("main form .btn-primary"))
    expect(page.locator(".verify-unknown")).to_be_visible()


def verify_an_altered_receipt(page: Page) -> None:
    page.locator("#id_fichier").set_input_files(
        {"name": "accuse.json", "mimeType": "application/json", "buffer": b'{"receipt": {"type": "receipt"}}'}
    )
    click_and_wait(page.locator("main form").last.locator("button[type=submit]"))
    expect(page.locator(".verify-altered")).to_be_visible()


def send_a_program(page: Page) -> None:
    page.locator("[data-card] input[type=file]").set_input_files(
        {"name": "cv.pdf", "mimeType": "application/pdf", "buffer": b"MZ" + bytes(512)}
    )
    expect(page.locator("[data-outcome=refused]")).to_be_visible()


def choose_two_files(page: Page) -> None:
    files: list[FilePayload] = [
        {"name": name, "mimeType": "application/pdf", "buffer": b"%PDF-1.7"} for name in ("cv.pdf", "a.pdf")
    ]
    page.locator("[data-zone] input[type=file]").set_input_files(files)
    page.locator("[data-several] button[type=submit]").click()
    expect(page.locator("[data-several] [data-error]")).not_to_be_empty()
