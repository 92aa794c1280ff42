"""Tag of an offer's page: `{% load offer_page %}{% json_ld posting %}`."""

import json
from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

# Characters that could end the element or begin another are written as JSON escapes.
_ESCAPED = {ord(char): f"\\u{ord(char):04X}" for char in "<>&\u2028\u2029"}


@register.simple_tag
def json_ld(data: dict[str, Any]) -> SafeString:
    """Render `data` as a JSON-LD block. Browsers do not run it, so the Content-Security-Policy needs no exception."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPED)
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308 -- the text is escaped
