"""`{% load queue %}`: the table of the queue of candidatures."""

from typing import Any

from django import template
from django.contrib.admin.templatetags.admin_list import result_headers
from django.utils.safestring import SafeString

from intake.review.admin.queue_list import QueueList

register = template.Library()


@register.inclusion_tag("admin/submissions/submission/table.html")
def queue_table(cl: QueueList) -> dict[str, Any]:
    """Show the queue: the head is Django's, the lines are written by hand."""
    lines = SafeString("\n".join(f"<tr>{line}</tr>" for line in cl.lines()))
    return {"headers": list(result_headers(cl)), "lines": lines}
