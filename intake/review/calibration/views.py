"""Page « Calibrage » of an offer: its anchor files, and the severity of each member, or of the reader alone."""

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from intake.accounts.models import User
from intake.journal.readings import record_shown
from intake.outbox.selectors import database_instant
from intake.review.access.anonymous_review import displayed_name
from intake.review.access.committee_membership import applied_to
from intake.review.access.errors import OwnSubmissionError, ReviewError
from intake.review.access.impartiality import is_impartial
from intake.review.access.visibility import may_assess
from intake.review.marks.scores import mean_figures
from intake.review.pages.shortcuts import acting_user, admin_context, queue_of_offer, receipt_number, refuse
from intake.review.ranking.severity import Estimate, Severity
from offers.models import Offer

from .forms import AnchorForm
from .operations import name_anchor, remove_anchor
from .queries import anchors_of, severities_of

REMOVE = "retirer"
"""Value of `acte` sent by the button beside an anchor. Any other value names one."""


@require_http_methods(["GET", "HEAD", "POST"])
def calibration(request: HttpRequest, number: str) -> HttpResponseBase:
    """GET: anchors and severities; a member who is not a decider sees their own. POST: name or remove an anchor."""
    user = acting_user(request)
    offer = get_object_or_404(Offer, number=number)
    decides = user.has_perm("submissions.decide_submission")
    if decides and applied_to(user=user, offer_id=offer.pk):
        return refuse(request, OwnSubmissionError(), "admin:submissions_submission_changelist")
    if not (decides or may_assess(user=user, offer_id=offer.pk)):
        raise PermissionDenied
    form = AnchorForm(request.POST if request.method == "POST" else None, label_suffix="")
    if form.is_bound and _change(request, user, offer, form):
        return redirect("review:calibration", number=offer.number)
    anchors = list(anchors_of(user=user, offer=offer))
    record_shown(request, anchors)
    names = user.has_perm("review.assign_submission") and is_impartial(user=user, offer=offer)
    context = admin_context(request) | {
        "title": _("Calibrage"),
        "offer": offer,
        "place": {"queue_url": queue_of_offer(offer)},
        "decides": decides,
        "sits": may_assess(user=user, offer_id=offer.pk),
        "form": form if names else None,
        "anchors": [
            {"file": file, "number": receipt_number(file), "name": displayed_name(file)} for file in anchors
        ],
        "lines": [
            {"line": line, "before": _texts(line.before), "after": _texts(line.after)}
            for line in severities_of(user=user, offer=offer)
        ],
    }
    return TemplateResponse(request, "review/calibration.html", context, status=422 if form.errors else 200)


def _change(request: HttpRequest, user: User, offer: Offer, form: AnchorForm) -> bool:
    if not user.has_perm("review.assign_submission"):
        raise PermissionDenied
    if not form.is_valid():
        return False
    number = form.cleaned_data["number"]
    try:
        if request.POST.get("acte") == REMOVE:
            remove_anchor(offer=offer, number=number, actor=user)
            messages.success(request, _("Ce dossier n’est plus un repère. Ses notes comptent toujours."))
        else:
            name_anchor(offer=offer, number=number, actor=user, at=database_instant())
            messages.success(request, _("Le dossier %(number)s est un repère.") % {"number": number})
    except ReviewError as refusal:
        form.add_error("number" if "number" in form.fields else None, str(refusal))
        return False
    return True


def _texts(severity: Severity | None) -> dict[str, Any] | None:
    """Return what the page shows of one severity; None without a common file."""
    if severity is None:
        return None
    offset = severity.offset
    return {
        "files": severity.files,
        "offset": _signed(offset.value),
        "offset_range": _range(offset, _signed),
        "meaning": _meaning(offset),
        "spread": _plain(severity.spread.value) if severity.spread else "—",
        "spread_range": _range(severity.spread, _plain) if severity.spread else "",
    }


def _meaning(offset: Estimate) -> str:
    if offset.low is None or offset.high is None:
        return _("trop peu de notes pour le savoir")
    if offset.high < 0:
        return _("notes plus basses que celles du comité")
    if offset.low > 0:
        return _("notes plus hautes que celles du comité")
    return _("aucun écart net")


def _range(estimate: Estimate, text: Any) -> str:
    if estimate.low is None or estimate.high is None:
        return ""
    return _("de %(low)s à %(high)s") % {"low": text(estimate.low), "high": text(estimate.high)}


def _plain(value: float) -> str:
    return mean_figures(Decimal(value))


def _signed(value: float) -> str:
    figures = _plain(abs(value))
    if not figures.strip("0,."):
        return figures
    return f"{'−' if value < 0 else '+'}{figures}"
