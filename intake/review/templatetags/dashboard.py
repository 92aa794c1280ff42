"""`{% load dashboard %}`: dashboards of the administration's first page."""

from django import template
from django.template.context import RequestContext
from django.utils import timezone

from intake.accounts.models import User
from intake.review.dashboard.reviewer import ReviewerDashboard, reviewer_dashboard
from intake.review.dashboard.staff import StaffDashboard, staff_dashboard
from intake.web.formats import QUEBEC

register = template.Library()


@register.simple_tag(takes_context=True)
def own_dashboard(context: RequestContext) -> ReviewerDashboard | None:
    """Return the reader's dashboard as a committee member. None without the permission to assess or a membership."""
    user = context["request"].user
    if not isinstance(user, User) or not user.has_perm("review.assess_submission"):
        return None
    return reviewer_dashboard(user=user, on=timezone.now().astimezone(QUEBEC).date())


@register.simple_tag(takes_context=True)
def offers_dashboard(context: RequestContext) -> StaffDashboard | None:
    """Return the reader's staff dashboard, or None if the reader does not decide."""
    request = context["request"]
    user = request.user
    if not isinstance(user, User) or not user.has_perm("submissions.decide_submission"):
        return None
    return staff_dashboard(user=user, number=request.GET.get("offre", ""), at=timezone.now())
