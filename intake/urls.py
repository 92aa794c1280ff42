"""The portal's URLs. Each app declares its own; this file gives their prefixes."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from intake.accounts.security_pages import account_sessions

admin.autodiscover()
urlpatterns = [
    path("", RedirectView.as_view(pattern_name="offers:list"), name="home"),
    path("", include("intake.accounts.urls")),
    path("", include("intake.submissions.urls")),
    path("", include("intake.profiles.urls")),
    path("", include("intake.privacy.own_data.urls")),
    path("", include("intake.operations.urls")),
    path("", include("intake.privacy.urls")),
    path("", include("intake.web.urls")),
    path("", include("intake.signing.urls")),
    path("verifier/registre/", include("intake.transparency.urls")),
    path("", include("intake.dossiers.urls")),
    path("offres/", include("offers.urls")),
    path(
        "admin/comptes/<uuid:person_id>/sessions/",
        admin.site.admin_view(account_sessions),
        name="account_sessions",
    ),
    path("admin/", include("intake.submissions.extensions.urls")),
    path("admin/", include("intake.review.urls")),
    path("admin/", include("intake.privacy.officers.urls")),
    path("admin/", admin.site.urls),
]
handler400 = "intake.web.errors.bad_request"
handler403 = "intake.web.errors.forbidden"
handler404 = "intake.web.errors.not_found"
handler500 = "intake.web.errors.server_error"
