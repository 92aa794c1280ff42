"""Addresses of a candidate's own data."""

from django.urls import path

from . import views

app_name = "own_data"
urlpatterns = [
    path("mes-renseignements/", views.own_data, name="own_data"),
    path("mes-renseignements/archive.zip", views.archive, name="archive"),
    path("mes-renseignements/consultations/", views.readings, name="readings"),
]
