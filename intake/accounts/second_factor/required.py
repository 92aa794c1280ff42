"""The second factor that staff must have checked: in this session for the administration, recently for some actions.

`SecondFactorMiddleware` covers all addresses below that of the administration, whatever view serves them: a new page
cannot forget it. `recent_second_factor` decorates the views that ask again; `recent_mailbox`, those that ask candidates
and staff for a recent proof of the account's mailbox.
"""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from intake.accounts.adapter import AccountAdapter
from intake.accounts.login_required import SESSION_KEY, save_form
from intake.accounts.second_factor.checks import is_checked, is_mailbox_proved, is_recently_checked
from intake.web.kept_form import KeptForm, field_pairs, posted_fields, texts_of
from intake.web.language import local_url
from intake.web.middleware import Middleware

type View = Callable[..., HttpResponseBase]

SCRIPT_HEADER: Final = "X-Autosave"
"""Of a request that a page's script makes while its form is typed, with the user's public id: it gets 401 where a page
asks for sign-in."""
_LOST: Final = "perdu"
"""Parameter of the page of a check: a posted form could not be kept."""


class SecondFactorMiddleware(Middleware):
    """Redirect staff without a checked second factor from every address of the administration to the check."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Respond. The check comes later, once the token of a posted form is verified."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, _view: View, _arguments: Any, _named: Any
    ) -> HttpResponseBase | None:
        """Return the redirect, or None: the view then decides on the others, such as visitors and candidates."""
        if not request.path.startswith(reverse("admin:index")):
            return None
        user = request.user
        if not user.is_authenticated:
            return _keep_form(request)
        if not user.is_staff or is_checked(request):
            return None
        if SCRIPT_HEADER in request.headers:
            return HttpResponse(status=HTTPStatus.UNAUTHORIZED)
        return ask_for_factor(request)


def _keep_form(request: HttpRequest) -> HttpResponse | None:
    """Return what a visitor posted, to be sent again after sign-in in another tab; None if they posted nothing.

    The form stays in that page: a visitor leaves nothing on the server.
    """
    if SCRIPT_HEADER in request.headers:
        return HttpResponse(status=HTTPStatus.UNAUTHORIZED)
    at_the_door = {reverse("admin:login"), reverse("admin:logout")}
    typed = posted_fields(request) if request.method == "POST" and request.path not in at_the_door else {}
    if not typed:
        return None
    context = {"kept": KeptForm(field_pairs(typed), texts_of(typed), token="")}
    return render(request, "accounts/session_ended.html", context, status=HTTPStatus.FORBIDDEN)


def recent_second_factor(view: View) -> View:
    """Decorate a view that asks for the second factor again if the last check is older than 15 minutes."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated or is_recently_checked(request):
            return view(request, *args, **kwargs)
        return ask_for_factor(request)

    return guarded


def recent_mailbox(view: View) -> View:
    """Decorate a view that asks for a code of the account's mailbox if the last proof is older than 15 minutes."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated or is_mailbox_proved(request):
            return view(request, *args, **kwargs)
        return ask_for_mailbox(request)

    return guarded


def ask_for_factor(request: HttpRequest) -> HttpResponse:
    """Redirect to the page of the check, which leads back here. A posted form is kept in the session until then."""
    return _ask(request, "accounts:second_factor")


def ask_for_mailbox(request: HttpRequest) -> HttpResponse:
    """Redirect to the page that proves the account's mailbox, which leads back here, with a posted form as above."""
    return _ask(request, "accounts:prove_mailbox")


def _ask(request: HttpRequest, page: str) -> HttpResponse:
    query = {"next": request.get_full_path()}
    if request.path in {reverse("admin:login"), reverse("admin:logout")}:
        query = {"next": reverse("admin:index")}
    elif request.method == "POST" and (request.FILES or not save_form(request)):
        came_from = local_url(request, request.headers.get("Referer", ""))
        query = {"next": came_from or AccountAdapter().get_login_redirect_url(request), _LOST: "1"}
    return redirect(f"{reverse(page)}?{urlencode(query)}")


def warn_of_lost_form(request: HttpRequest) -> None:
    """Add a message to the page of a check if the form that was posted before it could not be kept."""
    if _LOST in request.GET:
        messages.warning(
            request,
            _("Le formulaire n’est pas enregistré. Confirmez votre identité, puis remplissez-le de nouveau."),
        )


@never_cache
def go_on(request: HttpRequest, wanted: str) -> HttpResponse:
    """Redirect to `wanted` after a check, or show the form that was posted there, to be sent again."""
    kept = request.session.get(SESSION_KEY)
    if kept and kept["path"] == wanted.partition("?")[0]:
        fields = request.session.pop(SESSION_KEY)["fields"]
        context = {"kept": KeptForm(field_pairs(fields), texts_of(fields), token=""), "path": wanted}
        return render(request, "accounts/second_factor/send_again.html", context)
    return redirect(wanted or AccountAdapter().get_login_redirect_url(request))
