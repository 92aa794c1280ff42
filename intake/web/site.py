"""Django's admin site with the portal's sign-in, French titles and no passwords."""

from functools import wraps
from typing import Any

from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import TO_FIELD_VAR
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

from intake.base.numbers import posted_number


def check_lookup_values(request: HttpRequest) -> None:
    """Raise BadRequest if the URL has a NUL, which PostgreSQL cannot store, or a selected row's key is no number."""
    if "\0" in request.path or "%00" in request.META["QUERY_STRING"]:
        raise BadRequest
    if "" in {
        request.GET.get(TO_FIELD_VAR),
        request.POST.get(TO_FIELD_VAR),
    }:  # Django looks for a field of no name
        raise BadRequest
    if any(posted_number(row) is None for row in request.POST.getlist(ACTION_CHECKBOX_NAME)):
        raise BadRequest


class PortalAdminSite(AdminSite):
    """The administration site. This class decides who may enter; the role's permissions decide what they may see."""

    site_title = _("Gestion des stages")
    site_header = _("Gestion des candidatures")
    index_title = _("Tableau de bord")
    site_url = "/"
    empty_value_display = "—"
    # A menu beside each list would take width for six entries that the dashboard already links to.
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        """True if the user is active and staff."""
        user = request.user
        return bool(user.is_active and user.is_staff)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Return Django's context with an empty `available_apps`: 2.5 % of a list's time, for the disabled sidebar."""
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
        """Return the admin's URLs without those about passwords, which users lack, and without autocompletion.

        No form uses it, and it would search the rows of a list without recording whom it showed.
        """
        unused = {"password_change", "password_change_done", "autocomplete"}
        return [url for url in super().get_urls() if getattr(url, "name", None) not in unused]

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:  # noqa: FBT001, FBT002 -- Django's signature
        """Return 403 for a model's pages to users without permission on the model, before any row is read.

        Django reads the row first in some views (history), which would reveal to any admin user which rows exist. A
        request with a key that no row can have is refused too, instead of being sent to the database.
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
        """Redirect to the portal's sign-in, and back here after it.

        :raises PermissionDenied: if the user is signed in but may not enter; a redirect to sign-in would loop.
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
