"""URLs of the pages that belong to no other app."""

from django.urls import path

from intake.web import components, language, pages

app_name = "web"
urlpatterns = [
    path("langue/", language.choose_language, name="language"),
    path("accessibilite/", pages.accessibility, name="accessibility"),
    path("confidentialite/", pages.privacy, name="privacy"),
    path("composants/", components.components, name="components"),
]
