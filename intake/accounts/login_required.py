"""Let in who is signed in. Whoever is not signs in first, and finds again what they were writing."""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render, resolve_url
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

SESSION_KEY = "kept_form"
MAX_SAVED_CHARACTERS = 300_000
"""Characters in all. A form has 500 fields at most (`DATA_UPLOAD_MAX_NUMBER_FIELDS`), of 600 characters at most where
there may be so many; what is longer is not the session's to hold, and waits in the page (`_hold`)."""
OWNER = "owner"
"""The field by which a page at an address that everyone shares says whose form it showed (a `User.public_id`)."""

type View = Callable[..., HttpResponseBase]


def require_login(
    *, keeps_form: bool = False, said_when_kept: "StrPromise | None" = None
) -> Callable[[View], View]:
    """Open a view to signed-in people; send the others to sign in and back, with a word if they were sending a form.

    With `keeps_form`, what they typed waits in their session, files aside: the view asks `take_kept_form` for it when
    they come back. What is longer than `MOST_KEPT` waits in the page that asks them to sign in. `said_when_kept` is
    then said to them, where not being signed in is no surprise; else they read that their session ended. Nothing of
    the page stays in the browser: *back*, after filing or after signing out, asks anew.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.user.is_authenticated:
                return view(request, *args, **kwargs)
            if request.method == "POST":
                typed = _posted_fields(request) if keeps_form else {}
                if _length(typed) > MAX_SAVED_CHARACTERS:
                    return _show_resubmit_page(request, typed)
                kept = _save_in_session(request, typed)
                if kept and said_when_kept:
                    messages.info(request, said_when_kept)
                else:
                    _warn_session_ended(request, kept=kept)
            return redirect_to_login(request.get_full_path(), resolve_url(settings.LOGIN_URL))

        return never_cache(guarded)

    return decorate


def pop_saved_form(request: HttpRequest) -> QueryDict | None:
    """Return, once, what this signed-in person was sending to this very address when their session ended, or None."""
    kept = request.session.get(SESSION_KEY)
    if request.method != "GET" or not kept or kept["path"] != request.path:
        return None
    del request.session[SESSION_KEY]
    typed = QueryDict(mutable=True)
    for name, values in kept["fields"].items():
        typed.setlist(name, values)
    whose = typed.get(OWNER)
    if whose is not None and whose != str(getattr(request.user, "public_id", "")):
        return None  # somebody else's, on a shared computer
    return typed


def _posted_fields(request: HttpRequest) -> dict[str, list[str]]:
    """Return what was typed; nothing where a file came with it, which nothing but the browser can hold."""
    if request.FILES:
        return {}
    return {name: values for name, values in request.POST.lists() if name != "csrfmiddlewaretoken"}


def _length(typed: dict[str, list[str]]) -> int:
    return sum(len(text) for name, values in typed.items() for text in (name, *values))


def _save_in_session(request: HttpRequest, typed: dict[str, list[str]]) -> bool:
    if not typed:
        return False
    request.session[SESSION_KEY] = {"path": request.path, "fields": typed}
    return True


def _show_resubmit_page(request: HttpRequest, typed: dict[str, list[str]]) -> HttpResponse:
    """Show a page that holds what was typed, to be sent again once signed in elsewhere."""
    pairs = [(name, text) for name, values in typed.items() for text in values]
    return render(request, "accounts/session_ended.html", {"typed": pairs}, status=403)


def _warn_session_ended(request: HttpRequest, *, kept: bool) -> None:
    if kept:
        words = _(
            "Votre session était terminée : rien n’est encore enregistré. Connectez-vous de nouveau, et le "
            "formulaire reviendra tel que vous l’avez rempli."
        )
    else:
        words = _(
            "Votre session était terminée : rien n’a été enregistré ni déposé. Connectez-vous de nouveau, puis "
            "refaites ce dernier geste."
        )
    messages.warning(request, words)
