"""URLs of the staff pages of personal extensions. `admin_view` protects each."""

from django.contrib import admin
from django.urls import path

from . import views

app_name = "extensions"
_enter = admin.site.admin_view

urlpatterns = [
    path("offres/<str:number>/delais/", _enter(views.offer_extensions), name="offer"),
    path("offres/<str:number>/delais/<uuid:person_id>/", _enter(views.give_extension), name="give"),
]
