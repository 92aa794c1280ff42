"""URLconf of the portal with one-time links enabled."""

from django.urls import include, path

from intake.accounts.urls import link_patterns
from intake.accounts.urls import urlpatterns as accounts
from intake.urls import handler400, handler403, handler404, handler500
from intake.urls import urlpatterns as portal

__all__ = ["handler400", "handler403", "handler404", "handler500"]

urlpatterns = [path("", include(([*accounts, *link_patterns], "accounts"))), *portal]
