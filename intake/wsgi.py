"""WSGI entry point of the web server."""

import gc
import os

from django.core.wsgi import get_wsgi_application

from intake.documents.isolated_process import check_confinement
from intake.startup_checks import check_settings_complete, check_static_files, read_settings
from intake.web.content_type import with_plain_content_types

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "intake.settings.production")
read_settings()
check_settings_complete("WEB")
application = with_plain_content_types(get_wsgi_application())
check_static_files()
check_confinement()

# Before the server forks: else the first request of each worker would import every page, and its first filing the
# broker's client.
import intake.urls  # noqa: F401, E402 -- it needs the apps
from intake.outbox.wake import preload_publisher  # noqa: E402 -- it needs the apps
from intake.submissions.filing.witness import keep_witnesses  # noqa: E402 -- it needs the apps
from intake.web.statement_limit import watch  # noqa: E402 -- it needs the apps

preload_publisher()
# Each process that answers requests attests when they came.
os.register_at_fork(after_in_child=keep_witnesses)
# And ends the statements of its pages that take too long.
os.register_at_fork(after_in_child=watch.start)

# A full collection would stop each process for a fifth of a second to find that all of this is still in use.
gc.collect()
gc.freeze()
