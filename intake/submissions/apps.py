"""Django application configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SubmissionsConfig(AppConfig):
    """`intake.submissions`: drafts, the gate, the filing, the states."""

    name = "intake.submissions"
    label = "submissions"
    verbose_name = _("Candidatures")
