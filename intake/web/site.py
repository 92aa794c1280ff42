"""Django's admin under the portal's own door: same sign-in, French titles, no passwords."""

from functools import wraps
from typing import Any

from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.admin.apps import AdminConfig
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth import REDIRECT_FIELD_NAME, logout
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    QueryDict,
)
from django.urls import reverse
from django.urls.resolvers import URLPattern, URLResolver
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache


def check_lookup_values(request: HttpRequest) -> None:
    """Refuse an address that holds a NUL, which PostgreSQL keeps nowhere, and chosen rows that are not numbered.

    :raises BadRequest: no page of ours sends such a request.
    """
    if "\0" in request.path or "%00" in request.META["QUERY_STRING"]:
        raise BadRequest
    if not all(row.isdecimal() for row in request.POST.getlist(ACTION_CHECKBOX_NAME)):
        raise BadRequest


class PortalAdminConfig(AdminConfig):
    """Put the portal's site where Django puts its own."""

    default_site = "intake.web.site.PortalAdminSite"


class PortalAdminSite(AdminSite):
    """The back office. Who may enter is said here; what they may see, by their role's permissions."""

    site_title = _("Gestion des stages")
    site_header = _("Gestion des candidatures")
    index_title = _("Bureau")
    site_url = "/"
    empty_value_display = "—"
    # Half a dozen lists need no menu beside each of them: the desk leads to all, and they need the width.
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        """Let in active people who are staff."""
        user = request.user
        return bool(user.is_active and user.is_staff)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Return what every page reads, as Django does, without `available_apps`, which the hidden menu alone reads.

        Whether the person may see, add, change and delete each kind of rows took a fortieth of the time of a list.
        """
        return {
            "site_title": self.site_title,
            "site_header": self.site_header,
            "site_url": request.META["SCRIPT_NAME"] or self.site_url,
            "has_permission": self.has_permission(request),
            "available_apps": [],
            "is_popup": False,
            "is_nav_sidebar_enabled": self.enable_nav_sidebar,
            "log_entries": self.get_log_entries(request),
        }

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Return the admin's addresses but those about passwords: nobody has one."""
        passwords = {"password_change", "password_change_done"}
        return [url for url in super().get_urls() if getattr(url, "name", None) not in passwords]

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:  # noqa: FBT001, FBT002 -- Django's signature
        """Refuse a kind of row's pages to who may do nothing with that kind, before any row is looked for.

        Django looks first on some (the history): it would tell anybody who enters which rows exist. A request that
        names what no row can be named is refused too, rather than sent to the database.
        """
        owner = getattr(view, "__self__", None)

        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if isinstance(owner, ModelAdmin) and not any(owner.get_model_perms(request).values()):
                raise PermissionDenied
            check_lookup_values(request)
            return view(request, *args, **kwargs)

        return super().admin_view(guarded, cacheable)

    @method_decorator(never_cache)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # noqa: ARG002 -- Django's signature
        """Send to the portal's own sign-in, and back here after it.

        :raises PermissionDenied: someone signed in who may not enter; sending them to sign in again would loop.
        """
        index = reverse("admin:index", current_app=self.name)
        wanted = request.GET.get(REDIRECT_FIELD_NAME, index)
        if not url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}):
            wanted = index
        if self.has_permission(request):
            return HttpResponseRedirect(wanted)
        if request.user.is_authenticated:
            raise PermissionDenied
        query = QueryDict(mutable=True)
        query[REDIRECT_FIELD_NAME] = wanted
        return HttpResponseRedirect(f"{reverse('accounts:sign_in')}?{query.urlencode(safe='/')}")

    @method_decorator(never_cache)
    def logout(  # type: ignore[override]  # -- the stubs promise Django's own page, which is not shown
        self,
        request: HttpRequest,
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002 -- Django's signature
    ) -> HttpResponse:
        """Sign out (POST only) and go to the public pages."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        logout(request)
        return HttpResponseRedirect(reverse("home"))
