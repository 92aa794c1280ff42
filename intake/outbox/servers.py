"""How to ask whether a server that the portal uses works. Each function raises an exception of its library if not."""

from typing import Any, Final

from django.core.cache import caches
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.mail import mailers

from intake.outbox.wake import ask_broker

__all__ = ["ask_broker", "ask_cache", "ask_fallback_mail_server", "ask_mail_server", "ask_storage"]
_TRIED: Final = "tried"


def ask_mail_server() -> None:
    """Sign in to the mail server and name the sender, without a mail. A mailer without a server has nothing to ask."""
    backend: Any = mailers["default"]
    if hasattr(backend, "ask"):
        backend.ask()


def ask_fallback_mail_server() -> None:
    """Do the same with the fallback server, if there is one."""
    fallback: Any = getattr(mailers["default"], "fallback", None)
    if fallback is not None:
        fallback.ask()


def ask_storage() -> None:
    """Store a small file, and remove it."""
    storage: Any = default_storage
    if hasattr(storage, "try_file"):
        storage.try_file()
    else:
        storage.delete(storage.save(_TRIED, ContentFile(_TRIED.encode())))


def ask_cache() -> None:
    """Ask the cache's server, also during an outage. A cache within the process has none."""
    cache: Any = caches["default"]
    if hasattr(cache, "ask"):
        cache.ask()
