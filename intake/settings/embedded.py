"""Settings of a clone: development and demonstration, on the servers of `intake.devtools.embedded`.

`manage.py` and `make run` put the embedded servers' addresses in the environment; an address that is already set
replaces the embedded server. Without addresses, everything that needs no server still works.
"""

from intake.devtools import embedded
from intake.devtools.embedded.places import stored_secret

from . import services
from .base import *  # noqa: F403 -- settings are layered by star imports, as Django's own documentation does
from .base import LOGGING, MAIL_RETURN_ADDRESS, env

DATA_DIR = embedded.data_dir()
SECRET_KEY = env.str("SECRET_KEY", default="") or stored_secret(DATA_DIR / "secret_key")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])
# The register stays readable as long as the secret key, which lasts as long as the folder.
REGISTER_KEYS = services.named_keys("REGISTER_KEYS", env.str("REGISTER_KEYS", default="")) or {
    "embedded": services.derived_secret(SECRET_KEY, "register")
}
JOURNAL_KEYS = services.named_keys("JOURNAL_KEYS", env.str("JOURNAL_KEYS", default="")) or {
    "embedded": services.derived_secret(SECRET_KEY, "journal")
}
SECOND_FACTOR_KEYS = services.named_keys("SECOND_FACTOR_KEYS", env.str("SECOND_FACTOR_KEYS", default="")) or {
    "embedded": services.derived_secret(SECRET_KEY, "second factor")
}
# A separate key, in a file that only this user can read: signatures stay valid if the secret key changes.
SIGNING_KEYS = services.signing_keys(env.str("SIGNING_KEYS", default="")) or {
    "embedded": services.derived_secret(stored_secret(DATA_DIR / "signing_key"), "signing")
}

# The terminal of `make run` shows what the demonstration says, and traces as Python prints them.
LOGGING["formatters"]["application"] = {"()": "intake.web.log_lines.terminal_lines"}
LOGGING["handlers"]["security"] |= {
    "class": "logging.FileHandler",
    "filename": DATA_DIR / "security.log",
    "delay": True,
}
DATABASES = {
    "default": services.database(env.str("DATABASE_URL", default="postgres://intake_app@127.0.0.1/intake"))
}
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="memory://")
CACHES = services.caches(env.str("CACHE_URL", default=""))
MAILERS = {
    # `make run` receives mail on its own server; a command without it writes mail to the same folder.
    "default": services.mailer(env.str("EMAIL_URL"), reported=bool(MAIL_RETURN_ADDRESS))
    if "EMAIL_URL" in env
    else {
        "BACKEND": "django.core.mail.backends.filebased.EmailBackend",
        "OPTIONS": {"file_path": DATA_DIR / "mail"},
    },
    "codes": {"BACKEND": "intake.accounts.mailers.ConsoleCodeBackend"},
}
STORAGES = {
    "default": services.storage(env.str("STORAGE_URL", default=(DATA_DIR / "media").as_uri())),
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True  # a clone serves static sources without collectstatic
WHITENOISE_AUTOREFRESH = True
ONE_TIME_LINKS = True  # sign-in links on the terminal, for the demonstration's users
SYNTHETIC_PEOPLE = True
