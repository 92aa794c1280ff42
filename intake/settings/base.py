"""Settings common to all installations. Nothing here reads a secret or opens a connection."""

from pathlib import Path
from typing import Any

import django_stubs_ext
import environ
from django.utils.csp import CSP
from django.utils.translation import gettext_lazy as _

from . import services

BASE_DIR = Path(__file__).resolve().parents[2]
env = environ.Env()
django_stubs_ext.monkeypatch()  # makes ModelAdmin, Paginator, … subscriptable at run time

# -- Apps and middleware ---------------------------------------------------------------------------------
INSTALLED_APPS = [
    "intake.web",
    "intake.web.apps.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
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
    "intake.privacy",
    "intake.operations",
    "intake.devtools",
    "intake.wiring.WiringConfig",
]
MIDDLEWARE = [
    "intake.web.middleware.BrowserFeaturesMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "intake.web.compression.CompressionMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "intake.web.middleware.RequestIdMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "intake.web.maintenance.MaintenanceMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "intake.web.middleware.PrivateResponsesMiddleware",
    "intake.web.language.LanguageMiddleware",
    "intake.submissions.filing.rush.RushMiddleware",
    "intake.web.middleware.EmptyErrorsMiddleware",
    "intake.web.middleware.StorageOutageMiddleware",
    "intake.web.statement_limit.StatementLimitMiddleware",
    "intake.web.downloads.DownloadsMiddleware",
    "django.middleware.common.CommonMiddleware",
    "intake.documents.receiving.InterruptedUploadMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "intake.accounts.backends.SessionUserMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "intake.accounts.second_factor.required.SecondFactorMiddleware",
    "intake.web.kept_answer.KeptAnswerMiddleware",
]
ROOT_URLCONF = "intake.urls"
FORCE_SCRIPT_NAME = ""  # the portal is at the root of its site, whatever a request says
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
                "intake.web.pages.portal",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# -- The database's two roles ----------------------------------------------------------------------------
# Migrations run as the owner; the portal runs as this role, which owns no table.
APPLICATION_ROLE = env.str("APPLICATION_ROLE", default="intake_app")

# -- Maintenance: every page says so, without asking the database or any other server ----------------------------
MAINTENANCE = services.maintenance(env.str("MAINTENANCE", default=""))

# -- Uploaded files ------------------------------------------------------------------------------------------
VIRUS_SCANNER = services.virus_scanner(env.str("CLAMD_URL", default=""))  # None: files are not scanned

# -- Language, zone, formats -----------------------------------------------------------------------------
LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", _("Français")), ("en", _("Anglais"))]
# After the attestation. False: French only, whatever staff choose in the administration.
ENGLISH_OFFERED = services.flag("ENGLISH_OFFERED", default=True)
FORMAT_MODULE_PATH = "intake.web.locales"
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "America/Toronto"
USE_TZ = True

# -- Static files: the portal's, and those of libraries pinned by the lock file ----------------------------
STATIC_URL = "static/"
WHITENOISE_ALLOW_ALL_ORIGINS = False  # fonts and scripts are for the portal's own pages
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles")))  # written by collectstatic
NODE_MODULES = BASE_DIR / "node_modules"
STATICFILES_DIRS: list[Any] = [
    BASE_DIR / "static",
    ("vendor/bootstrap/css", BASE_DIR / "build" / "bootstrap"),  # compiled by `npm run build`
    ("vendor/open-sans/files", NODE_MODULES / "@fontsource" / "open-sans" / "files"),
    ("vendor/roboto/files", NODE_MODULES / "@fontsource" / "roboto" / "files"),
    ("vendor/noto-emoji", NODE_MODULES / "@expo-google-fonts" / "noto-emoji" / "400Regular"),  # of PDFs
]

# -- Accounts and sessions -------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "submissions:mine"
AUTHENTICATION_BACKENDS = ["intake.accounts.backends.NoPasswordBackend"]
ACCOUNT_ADAPTER = "intake.accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # entering the code verifies the address
ACCOUNT_LOGIN_BY_CODE_FORMAT = {"numeric": True, "length": 6, "dashed": False}
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 10 * 60  # seconds; of the mail's link too (OWASP ASVS 5.0, 6.5.5)
ACCOUNT_RATE_LIMITS = {
    # Requests for a code, by network: above this rate, each visitor waits. A whole campus may share one.
    "sign_in_code_network": "100/10m/ip",
    # By address from all networks: first several, then one each time that the one before is about to expire.
    "sign_in_code": "5/10m/key,20/d/key",
    "sign_in_code_spaced": "1/9m/key",
    # By address on a device where its owner has signed in: nobody else can use these up.
    "sign_in_code_known_device": "5/10m/key,60/d/key",
    # Guesses: after five the code is void; after thirty in a day only the mail's link signs in.
    "sign_in_guess": "5/10m/key",
    "sign_in_guess_address": "30/d/key",
    # Codes of the second factor, where only a person who has signed in by mail gets: by session, then by account.
    "second_factor": "5/10m/key,30/d/key",
    "second_factor_account": "100/d/key",
    # Verification of a receipt: a code has 60 random bits, so the limit only deters robots; a file costs CPU time.
    "verify_code": "60/m/ip,600/h/ip",
    "verify_file": "10/m/ip,120/h/ip",
    # Copies of one's own data: each draws a PDF and reads every file of the person.
    "own_data_copy": "3/10m/user,20/d/user",
    # Saves of drafts: a page saves 40 times a minute, if its person types without a pause of more than 1.5 seconds.
    "save": "120/m/user",
}
MFA_ADAPTER = "intake.accounts.second_factor.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_TOLERANCE = 1  # steps of 30 seconds, before and after: clocks of telephones drift
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher"
]  # of recovery codes: nobody has a password
MFA_RECOVERY_CODE_COUNT = 10
MFA_RECOVERY_CODE_DIGITS = 12
MFA_WEBAUTHN_USER_VERIFICATION = "required"  # a passkey is two factors: the device, and what unlocks it
OIDC: services.IdentityProvider | None = (
    None  # the identity provider of the staff: of an installation that has one
)
ONE_TIME_LINKS = False  # sign-in links printed on the terminal; True only in embedded settings
SYNTHETIC_PEOPLE = False  # True allows invented people; never in production
SESSION_COOKIE_AGE = 8 * 3600  # seconds since the sign-in; long enough to fill in a form
SESSION_IDLE_SECONDS = 2 * 3600  # seconds since the last request; an open page saves what is typed
SESSION_ENGINE = "intake.web.sessions"
DEVICE_COOKIE_NAME = "device"  # a device on which a person has signed in has limits of its own
SIGN_IN_COOKIE_NAME = "signin"  # the sign-in under way of a visitor, who leaves nothing on the server
FORM_COOKIE_NAME = "form"  # what a visitor posted, until the sign-in
ANSWER_COOKIE_NAME = "answer"  # what a visitor's form was answered, displayed by GET
SESSION_CACHE_ALIAS = "sessions"
# In the session, not in a cookie: messages name the user, and the privacy page lists every cookie.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "intake.web.errors.csrf_failure"
SESSION_COOKIE_HTTPONLY = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"  # the PDF dossier, shown in a frame next to the verdict, overrides it

# -- Content security policy: one for all pages, admin and errors included ---------------------------------
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

# -- Uploads: limits of a request; the offer sets the limits of a document -----------------------------------
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024  # bytes, form fields only
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024  # bytes; larger files are written to disk
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "intake.documents.receiving.BoundedUploadHandler",
]
UPLOADS_INSPECTED_AT_ONCE = services.number("UPLOADS_INSPECTED_AT_ONCE", default=2)  # for all; one per person
# Of one person. A day is that of the portal's time zone.
UPLOADS_PER_DAY = services.number("UPLOADS_PER_DAY", default=100)
UPLOAD_MIB_PER_DAY = services.number("UPLOAD_MIB_PER_DAY", default=300, least=32)
UPLOAD_MIB_NOT_FILED = services.number(
    "UPLOAD_MIB_NOT_FILED", default=200, least=32
)  # stored, in files of no filing

# -- Deliveries performed after the response -----------------------------------------------------------------
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 15  # seconds
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker waits for its broker without limit
CELERY_BEAT_SCHEDULER = "intake.outbox.beat:BeatingScheduler"
CELERY_TASK_DEFAULT_QUEUE = "mail"
OUTBOX_SWEEP_SECONDS = 10

# -- The organisation that runs the portal, as shown on pages and mails --------------------------------------
PORTAL_NAME = _("Stages en organisations internationales gouvernementales")
PORTAL_SHORT_NAME = _("Stages OIG")  # in the header of narrow screens
PORTAL_WORDMARK = "img/mark.svg"  # static file, square, white on the header's blue
# Signer's name in each PDF signature; a key and this name always give the same certificate.
SIGNING_CERTIFICATE_NAME = env.str(
    "SIGNING_CERTIFICATE_NAME", default="Stages en organisations internationales gouvernementales"
)
# That certificate, for a web server that has only the public halves of the signing keys: it publishes it.
SIGNING_CERTIFICATE = env.str("SIGNING_CERTIFICATE", default="")
PORTAL_CONTACT_UNIT = _("Direction des organisations et des forums internationaux")
PORTAL_CONTACT_EMAIL = services.address("PORTAL_CONTACT_EMAIL") or "stages@portail.invalid"
# Person responsible for the protection of personal information: access act, s. 8. Shown on the privacy page.
PRIVACY_OFFICER_NAME = env.str("PRIVACY_OFFICER_NAME", default="")
PRIVACY_OFFICER_TITLE = env.str("PRIVACY_OFFICER_TITLE", default="") or _(
    "Responsable de l’accès aux documents et de la protection des renseignements personnels"
)
PRIVACY_OFFICER_EMAIL = services.address("PRIVACY_OFFICER_EMAIL") or PORTAL_CONTACT_EMAIL
PORTAL_ENVIRONMENT: Any = ""  # shown on every page; empty in production
REVIEW_CLAIM_MINUTES = services.number("REVIEW_CLAIM_MINUTES", default=15)  # after the last action
# Calendar days proposed to complete a file; staff may choose another number.
COMPLEMENT_DAYS = services.number("COMPLEMENT_DAYS", default=10, least=2)
SITE_URL = services.site("SITE_URL", default="http://127.0.0.1:8000")
DEFAULT_FROM_EMAIL = (
    services.address("DEFAULT_FROM_EMAIL", named=True) or "Stages OIG <ne-pas-repondre@portail.invalid>"
)
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# Address for delivery reports of other servers; requested only if set, because `read_mail_report` must read them.
MAIL_RETURN_ADDRESS = services.address("MAIL_RETURN_ADDRESS")

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"route": {"()": "intake.web.request_id.RouteFilter"}},
    "formatters": {
        "application": {"()": "intake.web.log_lines.json_lines"},
        "security": {"()": "intake.web.log_lines.json_lines"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "application",
            "filters": ["route"],
        },
        "security": {"class": "logging.StreamHandler", "formatter": "security"},
        "none": {"class": "logging.NullHandler"},
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "intake": {"level": "INFO"},
        "intake.security": {"handlers": ["security"], "propagate": False},
        "django.request": {"level": "ERROR"},
        # Each of its refusals is a security event, without the path and the host that a stranger wrote.
        "django.security": {"handlers": ["none"], "propagate": False},
    },
}
