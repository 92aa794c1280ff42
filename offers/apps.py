"""Registration of the app with Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OffersConfig(AppConfig):
    """Offers as published, their sections and rulebooks."""

    name = "offers"
    verbose_name = _("Offres")
