"""Page on which a person deletes their account."""

from http import HTTPStatus

from django import forms
from django.contrib.auth import logout
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from intake.accounts.login_required import require_login
from intake.accounts.second_factor.required import recent_mailbox
from intake.privacy.errors import PrivacyError
from intake.submissions.access.decorators import CandidateRequest

from .deletion import delete_own_account, plan_deletion


class DeletionForm(forms.Form):
    """Confirmation."""

    confirms = forms.BooleanField(
        label=_("Je veux supprimer mon compte."),
        error_messages={"required": _("Cochez cette case pour supprimer votre compte.")},
    )


@require_login()
@recent_mailbox
@require_http_methods(["GET", "HEAD", "POST"])
def delete_account(request: CandidateRequest) -> HttpResponse:
    """GET: what is erased now, what is kept until when. POST: delete the account, and end the session."""
    form = DeletionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            plan = delete_own_account(user=request.user)
        except PrivacyError as refusal:
            form.add_error(None, str(refusal))
        else:
            logout(request)
            return render(request, "privacy/account_deleted.html", {"plan": plan})
    context = {
        "form": form,
        "plan": plan_deletion(request.user),
        "is_staff": request.user.is_staff or request.user.is_superuser,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render(request, "privacy/delete_account.html", context, status=status)
