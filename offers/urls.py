"""The public addresses of offers, under `/offres/`."""

from django.urls import path, re_path

from . import views

app_name = "offers"
# The form of a number is the same as in the constraint `offer_number_fits_an_address`.
NUMBER = r"(?P<number>[0-9A-Za-z]+(?:-[0-9A-Za-z]+)*)"
urlpatterns = [
    path("", views.offer_list, name="list"),
    path("flux.atom", views.feed, name="feed"),
    path("echeances.ics", views.calendar, name="calendar"),
    path("heure", views.list_clock, name="list_clock"),
    re_path(rf"^{NUMBER}/$", views.offer_page, name="page"),
    re_path(rf"^{NUMBER}/heure$", views.clock, name="clock"),
    re_path(rf"^{NUMBER}\.ics$", views.deadline, name="deadline"),
]
