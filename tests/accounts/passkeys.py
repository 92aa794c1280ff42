"""Virtual authenticator of Chromium, which holds the passkeys of a window and confirms each without a question."""

from typing import Final

from playwright.sync_api import Page

_OPTIONS: Final = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def add_authenticator(page: Page) -> None:
    """Give the window an authenticator of its own, which its owner always unlocks."""
    chromium = page.context.new_cdp_session(page)
    chromium.send("WebAuthn.enable")
    chromium.send("WebAuthn.addVirtualAuthenticator", {"options": _OPTIONS})
