"""The application's registration with Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OffersConfig(AppConfig):
    """The calls: offers as published, their sections and rulebooks."""

    name = "offers"
    verbose_name = _("Offres")
