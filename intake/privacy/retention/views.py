"""The schedule, for everyone; retention rules and legal holds, for administrators."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from intake.accounts.models import User
from intake.outbox.selectors import database_instant
from intake.privacy.errors import PrivacyError
from intake.privacy.models import Outcome

from .forms import LegalHoldForm, LiftForm, RetentionRuleForm
from .operations import (
    check_administrator,
    lift_legal_hold,
    put_legal_hold,
    set_retention_rule,
)
from .queries import open_holds, pending_rules, schedule


@require_safe
def public_schedule(request: HttpRequest) -> HttpResponse:
    """GET: how long the portal keeps what, by outcome."""
    return render(request, "privacy/schedule.html", {"rules": schedule(at=database_instant())})


@require_http_methods(["GET", "HEAD", "POST"])
def retention(request: HttpRequest) -> HttpResponse:
    """GET: the rules, the holds, and a form for each. POST: the form that `act` names."""
    actor = check_administrator(request.user)
    sent = request.POST.get("act", "")
    data = {sent: request.POST}
    form: dict[str, forms.Form] = {
        "rule": RetentionRuleForm(data.get("rule"), prefix="rule"),
        "hold": LegalHoldForm(data.get("hold"), prefix="hold"),
        "lift": LiftForm(data.get("lift"), prefix="lift"),
    }
    if sent in form and form[sent].is_valid() and (done := _ACTS[sent](form[sent], actor)):
        messages.success(request, done)
        return redirect("privacy:retention")
    at = database_instant()
    context = admin.site.each_context(request) | {
        "title": _("Conservation et effacement"),
        "rules": schedule(at=at),
        "pending": pending_rules(at=at),
        "holds": open_holds(),
        "form": form,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if request.method == "POST" else HTTPStatus.OK
    return TemplateResponse(request, "privacy/retention.html", context, status=status)


def _set_rule(form: forms.Form, actor: User) -> str:
    data = form.cleaned_data
    set_retention_rule(
        outcome=Outcome(data["outcome"]), months=data["months"], reason=data["reason"], actor=actor
    )
    return _("La règle de conservation est enregistrée.")


def _put_hold(form: forms.Form, actor: User) -> str:
    data = form.cleaned_data
    try:
        put_legal_hold(submission=data["number"].filing.submission, reason=data["reason"], actor=actor)
    except PrivacyError as refusal:
        form.add_error("number", str(refusal))
        return ""
    return _("L’effacement de cette candidature est suspendu.")


def _lift_hold(form: forms.Form, actor: User) -> str:
    data = form.cleaned_data
    try:
        lift_legal_hold(hold=data["hold"], reason=data["reason"], actor=actor)
    except PrivacyError as refusal:
        form.add_error("hold", str(refusal))
        return ""
    return _("La suspension est levée.")


_ACTS: Final[dict[str, Callable[[forms.Form, User], str]]] = {
    "rule": _set_rule,
    "hold": _put_hold,
    "lift": _lift_hold,
}
"""What each form does; an empty text if it was refused."""
