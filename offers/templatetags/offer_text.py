"""The text of an offer as HTML: `{% load offer_text %}{% offer_text section.text %}`."""

from typing import Any

from django import template

from offers.blocks import parse_blocks

register = template.Library()


@register.inclusion_tag("offers/_blocks.html")
def offer_text(text: str) -> dict[str, Any]:
    """Render the paragraphs and nested lists of a section; all text is escaped."""
    return {"blocks": parse_blocks(text)}
