"""The web server's entry point."""

import os

from django.core.wsgi import get_wsgi_application

from intake.serving import load_what_comes_late, refuse_unless_complete, refuse_without_static_files

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "intake.settings.production")
refuse_unless_complete()
application = get_wsgi_application()
refuse_without_static_files()
load_what_comes_late()
