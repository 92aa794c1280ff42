"""Addresses for machines, at the root: no slash at the end, no language, no session."""

from django.urls import path

from intake.operations import views

app_name = "operations"
urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
]
