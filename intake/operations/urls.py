"""URLs for monitoring, at the root: no trailing slash, no language, no session."""

from django.urls import path

from intake.operations import views

app_name = "operations"
urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
]
