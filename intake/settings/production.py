"""Settings of a real installation. All values that vary come from the environment.

`SECRET_KEY`, `ALLOWED_HOSTS` and `DATABASE_URL` suffice for commands and checks. Serving also needs the other
variables and does not start without them, or with weak secrets: see `MISSING_FOR_SERVING`, `WEAK_FOR_SERVING` and
`intake.startup_checks`.
"""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from . import services, strength
from .base import *  # noqa: F403 -- settings are layered by star imports, as Django's own documentation does
from .base import MAIL_RETURN_ADDRESS, SIGNING_CERTIFICATE, env

DEBUG = False
SECRET_KEY = services.required("SECRET_KEY")
SECRET_KEY_FALLBACKS = [key.strip() for key in env.list("SECRET_KEY_FALLBACKS", default=[]) if key.strip()]
ALLOWED_HOSTS = services.host_names("ALLOWED_HOSTS")
SITE_URL = services.site("SITE_URL", default="https://" + ALLOWED_HOSTS[0].lstrip("."))
DATA_DIR = Path(env.str("DATA_DIR", default="/var/lib/intake"))
# Not derived from SECRET_KEY, which may change at any time: past participants would no longer be found.
REGISTER_KEYS = services.named_keys("REGISTER_KEYS", env.str("REGISTER_KEYS", default=""))
# Not derived from SECRET_KEY either: staff would have to set up their second factors again.
SECOND_FACTOR_KEYS = services.named_keys("SECOND_FACTOR_KEYS", env.str("SECOND_FACTOR_KEYS", default=""))
# What the database does not have: an entry of the journal that its role alone wrote has no seal by them.
JOURNAL_KEYS = services.named_keys("JOURNAL_KEYS", env.str("JOURNAL_KEYS", default=""))
# Separate from all: a lost key's signatures still verify by its public half; a stolen key's are all accepted.
SIGNING_KEYS = services.signing_keys(env.str("SIGNING_KEYS", default=""))
OIDC = services.identity_provider(
    issuer=env.str("OIDC_ISSUER", default=""),
    client_id=env.str("OIDC_CLIENT_ID", default=""),
    secret=env.str("OIDC_CLIENT_SECRET", default=""),
    factors=env.str("OIDC_FACTOR_VALUES", default=""),
)

# -- Servers ----------------------------------------------------------------------------------------------
MISSING_FOR_SERVING = tuple(
    name
    for name in (
        "CELERY_BROKER_URL",
        "CACHE_URL",
        "EMAIL_URL",
        "STORAGE_URL",
        "JOURNAL_KEYS",
        "DEFAULT_FROM_EMAIL",  # sender and contact: a default would not reach the organisation
        "PORTAL_CONTACT_EMAIL",
        "PRIVACY_OFFICER_NAME",  # the law requires that the site name them
        "PRIVACY_OFFICER_EMAIL",
        "TRUSTED_PROXY_COUNT",  # a wrong default would count all visitors as one, or believe a forged address
    )
    if not env.str(name, default="")
)
# The two other keys are only where they are used: see the table of docs/operations/processes.md.
_ONLY_VERIFIES = bool(SIGNING_KEYS) and not services.has_secret(SIGNING_KEYS)
MISSING_FOR_WEB = tuple(
    name
    for name, present in (
        ("REGISTER_KEYS", REGISTER_KEYS),
        ("SECOND_FACTOR_KEYS", SECOND_FACTOR_KEYS),
        ("SIGNING_KEYS", SIGNING_KEYS),
        ("SIGNING_CERTIFICATE", SIGNING_CERTIFICATE or not _ONLY_VERIFIES),
    )
    if not present
)
MISSING_FOR_FILING = () if REGISTER_KEYS else ("REGISTER_KEYS",)
MISSING_FOR_SIGNING = () if services.has_secret(SIGNING_KEYS) else ("SIGNING_KEYS",)
_SERVERS = {
    name: env.str(name, default="")
    for name in (
        "DATABASE_URL",
        "CELERY_BROKER_URL",
        "CACHE_URL",
        "EMAIL_URL",
        "EMAIL_FALLBACK_URL",
        "CLAMD_URL",
    )
}
CONFINEMENT_REQUIRED = True  # no web server where the kernel confines no process that opens an upload
UNENCRYPTED_SERVERS = services.unencrypted(_SERVERS)
_STORAGE = env.str("STORAGE_URL", default="") or (DATA_DIR / "media").as_uri()
WEAK_FOR_SERVING = strength.weaknesses(
    secrets={
        "SECRET_KEY": SECRET_KEY,
        **{f"SECRET_KEY_FALLBACKS, key {rank}": key for rank, key in enumerate(SECRET_KEY_FALLBACKS, 1)},
        **{f"JOURNAL_KEYS, key {name}": secret for name, secret in JOURNAL_KEYS.items()},
        **{f"REGISTER_KEYS, key {name}": secret for name, secret in REGISTER_KEYS.items()},
        **{f"SECOND_FACTOR_KEYS, key {name}": secret for name, secret in SECOND_FACTOR_KEYS.items()},
        **{f"SIGNING_KEYS, key {name}": secret for name, secret in SIGNING_KEYS.items()},  # or public halves
        **({"STORAGE_URL": secret} if (secret := services.bucket_secret(_STORAGE)) else {}),
    },
    hosts=ALLOWED_HOSTS,
    addresses={name: env.str(name, default="") for name in ("DEFAULT_FROM_EMAIL", "PORTAL_CONTACT_EMAIL")},
    site=SITE_URL,
    unchecked=services.unchecked(_SERVERS),
    in_clear=services.unencrypted({"STORAGE_URL": _STORAGE}),
)
DATABASES = {"default": services.database(services.required("DATABASE_URL"))}
_BROKER = env.str("CELERY_BROKER_URL", default="")
CELERY_BROKER_URL = services.server("CELERY_BROKER_URL", _BROKER) if _BROKER else "memory://"
CACHES = services.caches(env.str("CACHE_URL", default=""))
_MAIL_SERVER = env.str("EMAIL_URL", default="") or "smtp://localhost:25"
_OTHER_MAIL_SERVER = env.str("EMAIL_FALLBACK_URL", default="")
MAILERS = {
    "default": services.mailer(_MAIL_SERVER, fallback=_OTHER_MAIL_SERVER, reported=bool(MAIL_RETURN_ADDRESS)),
    "codes": services.mailer(_MAIL_SERVER, fallback=_OTHER_MAIL_SERVER),
}
STORAGES = {
    "default": services.storage(_STORAGE),
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True  # pages use no other names, and each file costs a compression
ONE_TIME_LINKS = False
# A rehearsal has invented people and drills, and says so on every page; never where people are real.
SYNTHETIC_PEOPLE = services.flag("REHEARSAL", default=False)
PORTAL_ENVIRONMENT = _("Répétition") if SYNTHETIC_PEOPLE else ""

# -- HTTPS only. TLS ends at a proxy; gunicorn trusts its X-Forwarded-Proto if FORWARDED_ALLOW_IPS names it. -----
SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz)$"]  # requested by machines, inside the network
SECURE_HSTS_SECONDS = 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
# Permits browsers to list the whole domain, which takes months to undo: the domain's owner decides.
SECURE_HSTS_PRELOAD = services.flag("HSTS_PRELOAD", default=True)
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-session"
DEVICE_COOKIE_NAME = "__Host-device"
SIGN_IN_COOKIE_NAME = "__Host-signin"
FORM_COOKIE_NAME = "__Host-form"
ANSWER_COOKIE_NAME = "__Host-answer"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrf"
LANGUAGE_COOKIE_SECURE = True
# Number of own proxies that add to X-Forwarded-For; 0: visitors connect to the web server without any.
ALLAUTH_TRUSTED_PROXY_COUNT = services.number("TRUSTED_PROXY_COUNT", default=0, least=0)
