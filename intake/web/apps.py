"""Django application configuration of `intake.web`."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.contrib import admin
from django.contrib.admin.apps import SimpleAdminConfig
from django.contrib.admin.checks import check_admin_app, check_dependencies
from django.core import checks


class WebConfig(AppConfig):
    """Configuration of `intake.web`."""

    name = "intake.web"
    default = True  # of the two configurations of this module

    def ready(self) -> None:
        """Install the plural rule of the French source strings, and the redaction of log records."""
        from intake.web.language import use_french_plurals

        from .log_redaction import install_log_redaction

        install_log_redaction()
        use_french_plurals()


class PortalAdminConfig(SimpleAdminConfig):
    """Install the portal's admin site as Django's default.

    `intake.urls` imports the admin classes: workers and commands need none, and start in two thirds of the time.
    """

    default_site = "intake.web.site.PortalAdminSite"

    def ready(self) -> None:
        """Have the system checks import the admin classes before they check them."""
        checks.register(_check_admin_classes, checks.Tags.admin)


def _check_admin_classes(
    app_configs: Sequence[AppConfig] | None, **options: Any
) -> list[checks.CheckMessage]:
    admin.autodiscover()
    return [*check_dependencies(**options), *check_admin_app(app_configs, **options)]
