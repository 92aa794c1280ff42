"""URLs for monitoring, at the root: no trailing slash, no language, no session."""

from django.urls import path

from intake.operations import health

app_name = "operations"
urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
