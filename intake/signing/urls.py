"""URL of the published keys."""

from django.urls import path

from intake.signing import views

app_name = "signing"
urlpatterns = [path("verifier/cles.json", views.keys, name="keys")]
