"""URLs of receipt verification."""

from django.urls import path

from . import views

app_name = "verifier"
urlpatterns = [
    path("verifier/", views.verify, name="verify"),
    path("verifier/preuve.json", views.proof, name="proof"),
]
