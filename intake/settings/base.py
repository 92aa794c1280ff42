"""What every installation of the portal shares. Nothing here reads a secret or opens a connection."""

from pathlib import Path
from typing import Any

import django_stubs_ext
import environ
from django.utils.csp import CSP
from django.utils.translation import gettext_lazy as _

from . import services

BASE_DIR = Path(__file__).resolve().parents[2]
env = environ.Env()
django_stubs_ext.monkeypatch()  # lets classes such as ModelAdmin and Paginator name their type at run time too

# -- What the portal is made of --------------------------------------------------------------------------
INSTALLED_APPS = [
    "intake.web",
    "intake.web.site.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "crispy_forms",
    "crispy_bootstrap5",
    "offers",
    "intake.signing",
    "intake.journal",
    "intake.accounts",
    "intake.outbox",
    "intake.transparency",
    "intake.profiles",
    "intake.documents",
    "intake.register",
    "intake.dossiers",
    "intake.submissions",
    "intake.review",
    "intake.operations",
    "intake.devtools",
    "intake.wiring.WiringConfig",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "intake.web.middleware.RequestIdMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "intake.web.middleware.PrivateResponsesMiddleware",
    "intake.web.language.LanguageMiddleware",
    "intake.web.middleware.MethodNotAllowedMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
ROOT_URLCONF = "intake.urls"
WSGI_APPLICATION = "intake.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "intake.web.context.portal",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# -- The database's two roles ----------------------------------------------------------------------------
# Migrations run as the owner; the portal runs as this role, which owns nothing.
APPLICATION_ROLE = env.str("APPLICATION_ROLE", default="intake_app")

# -- Language, zone, formats -----------------------------------------------------------------------------
LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", _("Français")), ("en", _("Anglais"))]
ENGLISH_OFFERED = env.bool("ENGLISH_OFFERED", default=True)  # behind the attestation; False: French alone
FORMAT_MODULE_PATH = "intake.web.locales"
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "America/Toronto"
USE_TZ = True

# -- Static files: ours, and the libraries' from their lock file -------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles")))  # what collectstatic writes
NODE_MODULES = BASE_DIR / "node_modules"
STATICFILES_DIRS: list[Any] = [
    BASE_DIR / "static",
    ("vendor/bootstrap/css", NODE_MODULES / "bootstrap" / "dist" / "css"),
    ("vendor/open-sans/files", NODE_MODULES / "@fontsource" / "open-sans" / "files"),
    ("vendor/roboto/files", NODE_MODULES / "@fontsource" / "roboto" / "files"),
]

# -- People ----------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "submissions:mine"
AUTHENTICATION_BACKENDS = ["intake.accounts.backends.NoPasswordBackend"]
ACCOUNT_ADAPTER = "intake.accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # typing the code is the verification
ACCOUNT_LOGIN_BY_CODE_FORMAT = {"numeric": True, "length": 6, "dashed": False}
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60  # seconds
ACCOUNT_RATE_LIMITS = {
    # Asking for a code. By address and network, then by address from everywhere (so that a stranger alone cannot
    # use up somebody's day), then by network (a whole campus may share one).
    "sign_in_code_from_here": "5/10m/key,20/d/key",
    "sign_in_code": "60/d/key,600/h/ip",
    # Guessing a code: five tries, then it is worth nothing.
    "sign_in_guess": "5/15m/key",
    "sign_in_guess_from_here": "1200/h/ip",
    # Verifying a receipt: a code has 60 bits, so this only keeps the page for people; a file takes some CPU.
    "verify_code": "60/m/ip,600/h/ip",
    "verify_file": "10/m/ip,120/h/ip",
}
ONE_TIME_LINKS = False  # sign-in links printed on the terminal; embedded settings only
SYNTHETIC_PEOPLE = False  # may people be invented here? never where others are real
SESSION_COOKIE_AGE = 8 * 3600  # seconds; an evening of filling in a form
SESSION_ENGINE = "intake.web.sessions"
SESSION_CACHE_ALIAS = "sessions"
# In the session, not in a cookie of its own: they name the person, and the privacy page counts the cookies.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "intake.web.errors.csrf_failure"
SESSION_COOKIE_HTTPONLY = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"  # the dossier, read in a frame beside the verdict, says otherwise

# -- Content security: one policy, admin and error pages included -------------------------------------------
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF, CSP.NONCE],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "frame-src": [CSP.SELF],
    "object-src": [CSP.NONE],
    "frame-ancestors": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
}

# -- Uploads: bounds of a request; the bounds of a document are the offer's ---------------------------------
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024  # bytes, form fields only
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024  # bytes; larger files go to disk at once
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "intake.documents.receiving.BoundedUploadHandler",
]

# -- Work after the answer ---------------------------------------------------------------------------------
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 15  # seconds
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker waits for its broker as long as it takes
# In memory: the schedule is one sweep, and a file of its own could be locked, full or lost.
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"
CELERY_TASK_DEFAULT_QUEUE = "mail"
OUTBOX_SWEEP_SECONDS = 10

# -- The house that runs the portal: shown on pages and mails ------------------------------------------------
PORTAL_NAME = _("Stages en organisations internationales gouvernementales")
# In each PDF signature, as the name of who signs; a key and this name make one certificate, always the same.
SIGNING_CERTIFICATE_NAME = env.str(
    "SIGNING_CERTIFICATE_NAME", default="Stages en organisations internationales gouvernementales"
)
PORTAL_CONTACT_UNIT = _("Direction des organisations et des forums internationaux")
PORTAL_CONTACT_EMAIL = services.address("PORTAL_CONTACT_EMAIL") or "stages@portail.invalid"
PORTAL_ENVIRONMENT: Any = ""  # said on every page where it is not the real portal
REVIEW_CLAIM_MINUTES = max(
    1, env.int("REVIEW_CLAIM_MINUTES", default=15)
)  # a file stays in hand, from the last act
COMPLEMENT_DAYS = max(
    2, env.int("COMPLEMENT_DAYS", default=10)
)  # calendar days proposed to a candidate to complete a file; whoever asks may give others
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000")
DEFAULT_FROM_EMAIL = (
    services.address("DEFAULT_FROM_EMAIL", named=True) or "Stages OIG <ne-pas-repondre@portail.invalid>"
)
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# Where other servers report what becomes of a mail; asked of them only when somebody reads it (`read_mail_report`).
MAIL_RETURN_ADDRESS = services.address("MAIL_RETURN_ADDRESS")

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"reference": {"()": "intake.web.request_id.RequestIdFilter"}},
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(reference)s %(message)s"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["reference"]},
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "intake": {"level": "INFO"},
        "django.request": {"level": "ERROR"},
    },
}
