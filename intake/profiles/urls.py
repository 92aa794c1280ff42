"""Address of the profile."""

from django.urls import path

from intake.profiles import views

app_name = "profiles"
urlpatterns = [path("profil/", views.profile, name="profile")]
