"""State badges for cells of the administration's lists, which have no template."""

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django_stubs_ext import StrOrPromise


def badge(label: StrOrPromise, tone: str) -> SafeString:
    """Return `label` as `components/state_badge.html` renders it; `tone` is a tone of that component."""
    return format_html('<span class="state state-{}">{}</span>', tone, label)
