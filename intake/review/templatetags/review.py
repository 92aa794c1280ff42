"""`{% load review %}`: the reader's task list, and two label filters."""

from typing import NamedTuple

from django import template
from django.template.context import RequestContext
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from intake.review.access.anonymous_review import displayed_name
from intake.review.access.committee_membership import memberships_of
from intake.review.dashboard.figures import work_counts
from intake.review.decisions.queries import TO_APPROVE, batches_to_approve
from intake.review.pages.labels import capped_count_text, human_review_count_text, register_match_count_text
from intake.review.queue.filters import NO_REVIEW_PENDING, TO_VERIFY, RegisterFilter
from intake.submissions.models import Submission

register = template.Library()


class Line(NamedTuple):
    """One task: its text, and the address of its list."""

    words: str
    url: str


@register.filter
def shown_name(submission: Submission) -> str:
    """Return the name as filed, or its mask for this reader; see `anonymous_review.displayed_name`."""
    return displayed_name(submission)


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
    queue = reverse("admin:submissions_submission_changelist")
    lines = []
    if counts["reserved"] and user.has_perm("submissions.decide_submission"):
        lines.append(Line(human_review_count_text(counts["reserved"]), f"{queue}?reserve=PENDING"))
    if counts["matched"] and user.has_perm("submissions.decide_submission"):
        url = f"{queue}?{RegisterFilter.parameter_name}={TO_VERIFY}"
        lines.append(Line(register_match_count_text(counts["matched"]), url))
    if batches := batches_to_approve(user).count():
        words = ngettext(
            "%(number)s lot de décisions à relire", "%(number)s lots de décisions à relire", batches
        )
        lines.append(
            Line(
                words % {"number": capped_count_text(batches)},
                f"{reverse('review:decisions')}?etat={TO_APPROVE}",
            )
        )
    if counts["received"]:
        words = ngettext(
            "%(number)s candidature à mettre à l’étude",
            "%(number)s candidatures à mettre à l’étude",
            counts["received"],
        )
        lines.append(
            Line(
                words % {"number": capped_count_text(counts["received"])},
                f"{queue}?etat=SUBMITTED&reserve={NO_REVIEW_PENDING}",
            )
        )
    if counts["unmarked"]:
        words = ngettext(
            "%(number)s candidature à noter", "%(number)s candidatures à noter", counts["unmarked"]
        )
        lines.append(
            Line(words % {"number": capped_count_text(counts["unmarked"])}, f"{queue}?a-moi=a-noter")
        )
    if counts["shortlisted"] and user.has_perm("submissions.export_shortlist"):
        words = ngettext(
            "%(number)s candidature présélectionnée",
            "%(number)s candidatures présélectionnées",
            counts["shortlisted"],
        )
        lines.append(
            Line(words % {"number": capped_count_text(counts["shortlisted"])}, f"{queue}?etat=SHORTLISTED")
        )
    if not lines:
        waits = user.has_perm("submissions.decide_submission") or memberships_of(user).exists()
        idle = _("Rien ne vous attend.") if waits else _("Vous ne siégez encore à aucun comité.")
        lines.append(Line(idle, queue))
    return lines
