#!/usr/bin/env python
"""Django's command line. With no DATABASE_URL it runs on the embedded servers (intake/devtools/embedded)."""

import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from intake.devtools import embedded

AS_OWNER = (["migrate"], ["change_account"])


def main() -> None:
    """Run a management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "intake.settings.embedded")
    with embedded.manage(sys.argv):
        if sys.argv[1:2] in AS_OWNER and "DATABASE_OWNER_URL" in os.environ:
            # Only the owner changes the tables, and an account without an author; the application's role never can.
            os.environ["DATABASE_URL"] = os.environ["DATABASE_OWNER_URL"]
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    try:
        main()
    except embedded.EmbeddedError as error:
        sys.exit(f"manage.py: {error}")
    except ImproperlyConfigured as error:
        if settings.configured:
            raise
        sys.exit(f"manage.py: {error}")  # a variable of the environment
