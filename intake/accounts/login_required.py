"""Decorator that requires a signed-in user. A posted form is kept during sign-in and shown again after it."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import render, resolve_url
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django_stubs_ext import StrPromise

from intake.web.kept_form import KeptForm, field_pairs, posted_fields, texts_of

SESSION_KEY = "kept_form"
MAX_SAVED_CHARACTERS = 300_000
"""Characters in total. A form has at most 500 fields (`DATA_UPLOAD_MAX_NUMBER_FIELDS`), of at most 600 characters where
there can be so many. A longer form is too large for the session and stays in the page that asks for sign-in."""
OWNER = "owner"
"""Field that names the owner of a form (`User.public_id`), on pages whose URL is the same for all users."""

type View = Callable[..., HttpResponseBase]


def require_login(
    *, keeps_form: bool = False, said_when_kept: StrPromise | None = None
) -> Callable[[View], View]:
    """Decorate a view for signed-in users; redirect others to sign-in and back, with a message if they posted a form.

    With `keeps_form`, the posted fields, without files, are saved in the session; after sign-in the view calls
    `pop_saved_form`. If the form was saved, the message is `said_when_kept`, for views where a visitor is expected to
    be signed out. The page is not cached: *back*, after filing or signing out, requests it again.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.user.is_authenticated:
                return view(request, *args, **kwargs)
            if request.method == "POST":
                typed = posted_fields(request) if keeps_form else {}
                if typed and not save_form(request):  # sent again after sign-in in another tab
                    context = {"kept": KeptForm(field_pairs(typed), texts_of(typed), token="")}
                    return render(request, "accounts/session_ended.html", context, status=403)
                if typed and said_when_kept:
                    messages.info(request, said_when_kept)
                else:
                    _warn_session_ended(request, kept=bool(typed))
            return redirect_to_login(request.get_full_path(), resolve_url(settings.LOGIN_URL))

        return never_cache(guarded)

    return decorate


def save_form(request: HttpRequest) -> bool:
    """Save the posted form in the session, for the next `pop_saved_form` at this URL; False if it is too long."""
    typed = posted_fields(request)
    if _length(typed) > MAX_SAVED_CHARACTERS:
        return False
    request.session[SESSION_KEY] = {"path": request.path, "fields": typed}
    return True


def pop_saved_form(request: HttpRequest) -> QueryDict | None:
    """Return, once, the form that `save_form` saved for this URL and that this user posted, or None."""
    kept = request.session.get(SESSION_KEY)
    if request.method != "GET" or not kept or kept["path"] != request.path:
        return None
    del request.session[SESSION_KEY]
    typed = QueryDict(mutable=True)
    for name, values in kept["fields"].items():
        typed.setlist(name, values)
    whose = typed.get(OWNER)
    if whose is not None and whose != str(getattr(request.user, "public_id", "")):
        return None  # another user's form, on a shared computer
    return typed


def _length(typed: dict[str, list[str]]) -> int:
    return sum(len(text) for name, values in typed.items() for text in (name, *values))


def _warn_session_ended(request: HttpRequest, *, kept: bool) -> None:
    if kept:
        text = _(
            "Votre session était terminée : rien n’est encore enregistré. Connectez-vous de "
            "nouveau. Le formulaire reviendra avec vos réponses."
        )
    else:
        text = _(
            "Votre session était terminée : rien n’est enregistré ni déposé. Connectez-vous de "
            "nouveau, puis recommencez cette action."
        )
    messages.warning(request, text)
