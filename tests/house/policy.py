"""The one Content-Security-Policy, and the parts of a response that it would block."""

from collections.abc import Mapping
from html.parser import HTMLParser

STRICT = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'", "data:"],
    "font-src": ["'self'"],
    "connect-src": ["'self'"],
    "frame-src": ["'self'"],
    "object-src": ["'none'"],
    "frame-ancestors": ["'self'"],
    "form-action": ["'self'"],
    "base-uri": ["'none'"],
}
"""The policy without the nonce, which only pages that use one have."""


class Inline(HTMLParser):
    """Parser that collects the parts of a page that run or style inline."""

    def __init__(self, nonce: str) -> None:
        super().__init__()
        self.nonce = nonce
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Record the parts of a tag that the policy blocks."""
        given = dict(attrs)
        own = self.nonce and given.get("nonce") == self.nonce
        if tag == "style" and not own:
            self.found.append("<style>")
        data = given.get("type") in {"application/json", "application/ld+json"}  # no browser runs these
        if tag == "script" and "src" not in given and not data and not own:
            self.found.append("<script>")
        self.found += [f"{tag} {name}=" for name in given if name == "style" or name.startswith("on")]
        self.found += [
            f"{tag} {name}={value}"
            for name, value in attrs
            if (value or "").lstrip().lower().startswith("javascript:")
        ]


def policy_faults(headers: Mapping[str, str], content: bytes) -> list[str]:
    """Return the faults of a response that a browser shows as a page; nothing for other responses."""
    if not headers.get("Content-Type", "").startswith("text/html"):
        return []
    policy = headers.get("Content-Security-Policy", "")
    rules = {name: values for name, *values in (rule.split() for rule in policy.split(";"))}
    nonces = {value for values in rules.values() for value in values if value.startswith("'nonce-")}
    faults = [
        f"{name} {rules.get(name)}"
        for name in rules.keys() | STRICT.keys()
        if [value for value in rules.get(name, []) if value not in nonces] != STRICT.get(name)
    ]
    faults += [f"several nonces: {nonces}"] if len(nonces) > 1 else []
    expected = {
        "X-Content-Type-Options": {"nosniff"},
        "Referrer-Policy": {"same-origin"},
        "X-Frame-Options": {"DENY", "SAMEORIGIN"},
        "Cross-Origin-Opener-Policy": {"same-origin"},
    }
    faults += [
        f"{name}: {headers.get(name)}" for name, good in expected.items() if headers.get(name) not in good
    ]
    page = Inline("".join(nonces).removeprefix("'nonce-").removesuffix("'"))
    page.feed(content.decode())
    return faults + page.found
