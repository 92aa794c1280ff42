"""Page of the user's own profile."""

from typing import TYPE_CHECKING, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from intake.accounts.login_required import pop_saved_form, require_login
from intake.profiles.forms import ProfileForm
from intake.profiles.selectors import answers_from_profile
from intake.profiles.services import remember_answers

if TYPE_CHECKING:
    from intake.accounts.models import User


@require_login(keeps_form=True)
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """GET: the profile form. POST: store the changes. No field is required."""
    user = cast("User", request.user)  # `require_login` ensures it
    initial = ProfileForm.initial_from(answers_from_profile(user))
    saved = pop_saved_form(request)
    form = ProfileForm(request.POST or saved, initial=initial, on=timezone.localdate(), partial=True)
    if request.method == "POST" and form.is_valid():
        remember_answers(user=user, answers=form.answers())
        messages.success(request, _("Vos renseignements sont enregistrés."))
        return redirect("profiles:profile")
    is_refused = request.method == "POST" and bool(form.errors)
    context = {"form": form, "kept": saved is not None}
    return render(request, "profiles/profile.html", context, status=422 if is_refused else 200)
