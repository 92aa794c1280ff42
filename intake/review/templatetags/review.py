"""`{% load review %}`: the reader's tasks and dashboards, the table and filters of the queue, and two label filters."""

from html import escape
from typing import Any, NamedTuple

from django import template
from django.contrib.admin import SimpleListFilter
from django.contrib.admin.templatetags.admin_list import result_headers
from django.template.context import RequestContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from intake.accounts.models import User
from intake.accounts.selectors import changes_to_approve
from intake.journal.readings import record_shown
from intake.review.access.anonymous_review import displayed_name
from intake.review.access.committee_membership import memberships_of
from intake.review.dashboard.figures import work_counts
from intake.review.dashboard.reviewer import ReviewerDashboard, reviewer_dashboard
from intake.review.dashboard.staff import StaffDashboard, staff_dashboard
from intake.review.decisions.queries import TO_APPROVE, batches_to_approve
from intake.review.pages.labels import counted, human_review_count_text, register_match_count_text
from intake.review.pages.queue_navigation import queue_url
from intake.review.queue.filters import NO_REVIEW_PENDING, TO_VERIFY, RegisterFilter
from intake.review.queue.rows import QueueList
from intake.submissions.offer_changes.approvals import cancellations_to_approve
from intake.web.formats import QUEBEC

register = template.Library()
register.filter("shown_name", displayed_name)


class Line(NamedTuple):
    """One task: its text, and the address of its list."""

    words: str
    url: str


@register.filter
def header_language(language: str) -> str:
    """Return the label of the headers' language of an export file: `{{ order.language|header_language }}`."""
    return _("en-têtes en anglais") if language == "en" else _("en-têtes en français")


@register.simple_tag(takes_context=True)
def review_to_do(context: RequestContext) -> list[Line]:
    """Return the reader's tasks, each with its link; one line states that there are none.

    Empty for a user who may not read submissions.
    """
    user = context["request"].user
    if not user.has_perm("submissions.view_submission"):
        return []
    counts = work_counts(user)
    lines: list[Line] = []
    decides = user.has_perm("submissions.decide_submission")
    if decides and (reserved := counts["reserved"]):
        lines.append(Line(human_review_count_text(reserved), queue_url("reserve=PENDING")))
    if decides and (matched := counts["matched"]):
        url = queue_url(f"{RegisterFilter.parameter_name}={TO_VERIFY}")
        lines.append(Line(register_match_count_text(matched), url))
    if batches := batches_to_approve(user).count():
        wording = ngettext(
            "%(number)s lot de décisions à relire", "%(number)s lots de décisions à relire", batches
        )
        lines.append(Line(counted(wording, batches), f"{reverse('review:decisions')}?etat={TO_APPROVE}"))
    if changes := changes_to_approve(reader=user, at=timezone.now()).count():
        wording = ngettext(
            "%(number)s changement de compte à approuver",
            "%(number)s changements de comptes à approuver",
            changes,
        )
        lines.append(Line(counted(wording, changes), reverse("admin:accounts_user_changes")))
    lines += [
        Line(
            _("Annulation de l’offre %(number)s à approuver") % {"number": asked.offer.number},
            reverse("admin:offers_offer_cancellation", args=[asked.offer_id]),
        )
        for asked in cancellations_to_approve(user)
    ]
    if received := counts["received"]:
        wording = ngettext(
            "%(number)s candidature à mettre à l’étude",
            "%(number)s candidatures à mettre à l’étude",
            received,
        )
        url = queue_url(f"etat=SUBMITTED&reserve={NO_REVIEW_PENDING}")
        lines.append(Line(counted(wording, received), url))
    if unmarked := counts["unmarked"]:
        wording = ngettext("%(number)s candidature à noter", "%(number)s candidatures à noter", unmarked)
        lines.append(Line(counted(wording, unmarked), queue_url("a-moi=a-noter")))
    if (shortlisted := counts["shortlisted"]) and user.has_perm("submissions.export_shortlist"):
        wording = ngettext(
            "%(number)s candidature présélectionnée",
            "%(number)s candidatures présélectionnées",
            shortlisted,
        )
        lines.append(Line(counted(wording, shortlisted), queue_url("etat=SHORTLISTED")))
    if not lines:
        waits = decides or memberships_of(user).exists()
        idle = _("Vous n’avez rien à faire.") if waits else _("Vous ne siégez encore à aucun comité.")
        lines.append(Line(idle, queue_url()))
    return lines


@register.simple_tag(takes_context=True)
def own_dashboard(context: RequestContext) -> ReviewerDashboard | None:
    """Return the reader's dashboard as a committee member. None without the permission to assess or a membership."""
    user = context["request"].user
    if not isinstance(user, User) or not user.has_perm("review.assess_submission"):
        return None
    return reviewer_dashboard(user=user, on=timezone.now().astimezone(QUEBEC).date())


@register.simple_tag(takes_context=True)
def record_files_shown(context: RequestContext, mine: ReviewerDashboard) -> str:
    """Record in the journal which files the dashboard shows to its reader. Write nothing on the page."""
    record_shown(context["request"], [file.submission for file in (*mine.files, *mine.drafts)])
    return ""


@register.simple_tag(takes_context=True)
def offers_dashboard(context: RequestContext) -> StaffDashboard | None:
    """Return the reader's staff dashboard, or None if the reader does not decide."""
    request = context["request"]
    user = request.user
    if not isinstance(user, User) or not user.has_perm("submissions.decide_submission"):
        return None
    return staff_dashboard(user=user, number=request.GET.get("offre", ""), at=timezone.now())


@register.inclusion_tag("admin/submissions/submission/table.html")
def queue_table(cl: QueueList) -> dict[str, Any]:
    """Render the queue: headers by Django, rows by `QueueList.lines`."""
    lines = SafeString("\n".join(f"<tr>{line}</tr>" for line in cl.lines()))
    return {"headers": list(result_headers(cl)), "lines": lines}


@register.simple_tag
def queue_filter(cl: QueueList, spec: SimpleListFilter) -> SafeString:
    """Render a filter as `admin/filter.html` does, without a template.

    With forty choices, the template took a twentieth of the page's time.
    """
    items, chosen = [], []
    for choice in spec.choices(cl):
        label, current = conditional_escape(choice["display"]), ""
        if choice["selected"]:
            chosen.append(f"<strong>{label}</strong>")
            current = ' aria-current="true"'
        items.append(f'<li><a href="{escape(choice["query_string"])}"{current}>{label}</a></li>')
    title = escape(capfirst(str(spec.title))) + _(" :")
    return SafeString(
        f'<details class="review-filter" name="filtres"><summary>{title} {"".join(chosen)}</summary>'
        f"<ul>{''.join(items)}</ul></details>"
    )
