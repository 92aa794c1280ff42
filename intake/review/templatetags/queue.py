"""`{% load queue %}`: the table of the queue of candidatures."""

from typing import Any

from django import template
from django.contrib.admin.templatetags.admin_list import result_headers

from intake.review.admin.queue_list import QueueList

register = template.Library()


@register.inclusion_tag("admin/change_list_results.html")
def queue_table(cl: QueueList) -> dict[str, Any]:
    """Show the queue in Django's own table, whose head it keeps: no column is sorted, no line is edited."""
    return {
        "cl": cl,
        "result_hidden_fields": [],
        "result_headers": list(result_headers(cl)),
        "num_sorted_fields": 0,
        "results": cl.lines(),
    }
