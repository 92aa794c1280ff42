"""A state in a word and a colour, where no template is: the cells of the administration's lists."""

from typing import TYPE_CHECKING

from django.utils.html import format_html

if TYPE_CHECKING:
    from django.utils.safestring import SafeString
    from django_stubs_ext import StrOrPromise


def badge(label: "StrOrPromise", tone: str) -> "SafeString":
    """Return `label` as `components/state_badge.html` shows it; `tone` is one of that component's."""
    return format_html('<span class="state state-{}">{}</span>', tone, label)
