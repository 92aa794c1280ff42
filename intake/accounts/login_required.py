"""Decorator that requires a signed-in user. A posted form is kept during sign-in and shown again after it."""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import render, resolve_url
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from intake.web.kept_form import KeptForm, field_pairs, posted_fields, texts_of
from intake.web.private_cookie import set_private_cookie

SESSION_KEY = "kept_form"
MAX_SAVED_CHARACTERS = 300_000
"""Characters in total, in a session. A form has at most 500 fields (`DATA_UPLOAD_MAX_NUMBER_FIELDS`), of at most 600
characters where there can be so many."""
COOKIE_LIFETIME: Final = 30 * 60
"""Seconds that the browser of a visitor keeps a form."""
_LONGEST_COOKIE: Final = 3_700
"""Characters. Browsers store 4,096 bytes with the name and attributes."""
_SALT: Final = "intake.accounts.login_required"
OWNER = "owner"
"""Field that names the owner of a form (`User.public_id`), on pages whose URL is the same for all users."""
NOTICE: Final = "motif"
"""Parameter of the sign-in page: a visitor has no session, in which a message could wait."""

type View = Callable[..., HttpResponseBase]


class Notice(StrEnum):
    """Why a visitor is to sign in."""

    SESSION_ENDED = "fin"
    FORM_KEPT = "formulaire"
    ANSWERS_WAIT = "reponses"
    ADDRESS_FIRST = "adresse"
    ADDRESS_BACK = "reprise"


_NOTICES: Final = {
    Notice.SESSION_ENDED: (
        messages.WARNING,
        _(
            "Votre session était terminée : rien n’est enregistré ni déposé. Connectez-vous de "
            "nouveau, puis recommencez cette action."
        ),
    ),
    Notice.FORM_KEPT: (
        messages.WARNING,
        _(
            "Votre session était terminée : rien n’est encore enregistré. Connectez-vous de "
            "nouveau dans les 30 minutes : le formulaire reviendra avec vos réponses."
        ),
    ),
    Notice.ANSWERS_WAIT: (
        messages.INFO,
        _("Connectez-vous dans les 30 minutes : vos réponses vous attendent ici."),
    ),
    Notice.ADDRESS_FIRST: (messages.INFO, _("Commencez par inscrire votre adresse courriel.")),
    Notice.ADDRESS_BACK: (
        messages.SUCCESS,
        _("Votre compte a repris son adresse : toutes ses sessions sont terminées. Connectez-vous ici."),
    ),
}


def require_login(
    *, keeps_form: bool = False, when_kept: Notice = Notice.FORM_KEPT
) -> Callable[[View], View]:
    """Decorate a view for signed-in users; redirect others to sign-in and back, with a notice if they posted a form.

    With `keeps_form`, the visitor's browser keeps the posted fields, without files, in a signed cookie; after sign-in
    the view calls `pop_saved_form`. A form that is too long stays in the page that asks for sign-in: a visitor leaves
    nothing on the server. `when_kept`: the notice, for views where a visitor is expected to be signed out. The page is
    not cached: *back*, after filing or signing out, requests it again.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.user.is_authenticated:
                response = view(request, *args, **kwargs)
                if _fields_in_cookie(request) is not None:
                    response.delete_cookie(settings.FORM_COOKIE_NAME)
                return response
            response = redirect_to_login(request.get_full_path(), resolve_url(settings.LOGIN_URL))
            if request.method != "POST":
                return response
            typed = posted_fields(request) if keeps_form else {}
            if typed and not _keep_in_browser(
                request, typed, response
            ):  # sent again after sign-in in another tab
                context = {"kept": KeptForm(field_pairs(typed), texts_of(typed), token="")}
                return render(request, "accounts/session_ended.html", context, status=403)
            response.headers["Location"] += "&" + urlencode(
                {NOTICE: when_kept if typed else Notice.SESSION_ENDED}
            )
            return response

        return never_cache(guarded)

    return decorate


def show_notice(request: HttpRequest) -> None:
    """Add to the messages of this response the notice that the address names, if any."""
    name = request.GET.get(NOTICE, "")
    if name in Notice:
        messages.add_message(request, *_NOTICES[Notice(name)])


def save_form(request: HttpRequest) -> bool:
    """Save a signed-in user's form in the session, for the next `pop_saved_form` at this URL; False if too long."""
    typed = posted_fields(request)
    if _length(typed) > MAX_SAVED_CHARACTERS:
        return False
    request.session[SESSION_KEY] = {"path": request.path, "fields": typed}
    return True


def pop_saved_form(request: HttpRequest) -> QueryDict | None:
    """Return, once, the form that was kept for this URL and that this user posted, or None."""
    if request.method != "GET":
        return None
    fields = _fields_in_cookie(request)  # the decorator deletes the cookie
    kept = request.session.get(SESSION_KEY)
    if kept and kept["path"] == request.path:
        fields = request.session.pop(SESSION_KEY)["fields"]
    if fields is None:
        return None
    typed = QueryDict(mutable=True)
    for name, values in fields.items():
        typed.setlist(name, values)
    whose = typed.get(OWNER)
    if whose is not None and whose != str(getattr(request.user, "public_id", "")):
        return None  # another user's form, on a shared computer
    return typed


def _keep_in_browser(request: HttpRequest, typed: dict[str, list[str]], response: HttpResponseBase) -> bool:
    value = signing.dumps({"path": request.path, "fields": typed}, salt=_SALT, compress=True)
    if len(value) > _LONGEST_COOKIE:
        return False
    set_private_cookie(response, settings.FORM_COOKIE_NAME, value, lifetime=COOKIE_LIFETIME)
    return True


def _fields_in_cookie(request: HttpRequest) -> dict[str, list[str]] | None:
    """Return the fields that the browser keeps for this URL, or None."""
    if request.method != "GET":
        return None
    value = request.COOKIES.get(settings.FORM_COOKIE_NAME, "")
    try:
        kept = signing.loads(value, salt=_SALT, max_age=COOKIE_LIFETIME)
    except signing.BadSignature:
        return None
    return kept["fields"] if kept["path"] == request.path else None


def _length(typed: dict[str, list[str]]) -> int:
    return sum(len(text) for name, values in typed.items() for text in (name, *values))
