"""WSGI entry point of the web server."""

import os

from django.core.wsgi import get_wsgi_application

from intake.startup_checks import check_settings_complete, check_static_files, preload

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "intake.settings.production")
check_settings_complete()
application = get_wsgi_application()
check_static_files()
preload()
