"""URLs for monitoring, at the root (no trailing slash, no language, no session), and the preferences of the portal."""

from django.contrib import admin
from django.urls import path

from intake.operations import health, views

app_name = "operations"
urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("admin/etat/", admin.site.admin_view(views.state), name="state"),
    path("admin/preferences/", admin.site.admin_view(views.preferences), name="preferences"),
]
