"""Django application configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReviewConfig(AppConfig):
    """`intake.review`."""

    name = "intake.review"
    label = "review"
    verbose_name = _("Comités d’évaluation")
