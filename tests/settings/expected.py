"""Expected values of all settings of a real installation, written by hand. See `test_production_values.py`.

Folders of the repository are below CLONE. Values that come from the environment are those of `environment.py`.
"""

from typing import Any

from tests.settings.environment import JOURNAL_KEY, REGISTER_KEY, SECOND_FACTOR_KEY, SIGNING_KEY

CLONE = "/clone"

OURS: dict[str, Any] = {
    # -- The installation ----
    "DEBUG": False,
    "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "ALLOWED_HOSTS": ["stages.exemple.invalid"],
    "SITE_URL": "https://stages.exemple.invalid",
    "BASE_DIR": CLONE,
    "DATA_DIR": "/var/lib/intake",
    "ROOT_URLCONF": "intake.urls",
    "WSGI_APPLICATION": "intake.wsgi.application",
    "FORCE_SCRIPT_NAME": "",
    "WHITENOISE_ALLOW_ALL_ORIGINS": False,
    "MISSING_FOR_SERVING": [],
    "MISSING_FOR_WEB": [],
    "MISSING_FOR_FILING": [],
    "MISSING_FOR_SIGNING": [],
    "CONFINEMENT_REQUIRED": True,
    "UNENCRYPTED_SERVERS": [],
    "WEAK_FOR_SERVING": [],
    "VIRUS_SCANNER": None,  # uploads are scanned only if the environment names a scanner
    "OIDC": None,  # the staff have an identity provider only if the environment names it
    "ONE_TIME_LINKS": False,  # sign-in links are for demonstrations
    "SYNTHETIC_PEOPLE": False,  # the people here are real
    "PORTAL_ENVIRONMENT": "",
    # -- Its parts: the order of the middleware is part of its safety ----
    "INSTALLED_APPS": [
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
    ],
    "MIDDLEWARE": [
        "intake.web.middleware.BrowserFeaturesMiddleware",  # outside all that may answer
        "django.middleware.security.SecurityMiddleware",
        "intake.web.compression.CompressionMiddleware",  # outside WhiteNoise, whose answers it sees
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
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "allauth.account.middleware.AccountMiddleware",
        "intake.accounts.second_factor.required.SecondFactorMiddleware",  # after the user and the token are known
        "intake.web.kept_answer.KeptAnswerMiddleware",
    ],
    "TEMPLATES": [
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "DIRS": [f"{CLONE}/templates"],
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.template.context_processors.csp",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                    "intake.web.pages.portal",
                ]
            },
        }
    ],
    "FORM_RENDERER": "django.forms.renderers.TemplatesSetting",
    "CRISPY_ALLOWED_TEMPLATE_PACKS": "bootstrap5",
    "CRISPY_TEMPLATE_PACK": "bootstrap5",
    "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
    # -- HTTPS only ----
    "SECURE_SSL_REDIRECT": True,
    "SECURE_REDIRECT_EXEMPT": ["^(healthz|readyz|metrics)$"],  # requested by machines, behind the proxy
    "SECURE_HSTS_SECONDS": 31_536_000,  # one year, the minimum for browsers' preload lists
    "SECURE_HSTS_INCLUDE_SUBDOMAINS": True,
    "SECURE_HSTS_PRELOAD": True,
    "SECURE_REFERRER_POLICY": "same-origin",
    "X_FRAME_OPTIONS": "DENY",
    "SECURE_CSP": {
        "default-src": ["'none'"],
        "script-src": ["'self'", "<CSP_NONCE_SENTINEL>"],
        "style-src": ["'self'", "<CSP_NONCE_SENTINEL>"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "frame-src": ["'self'"],
        "object-src": ["'none'"],
        "frame-ancestors": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
    },
    "ALLAUTH_TRUSTED_PROXY_COUNT": 1,  # TLS ends at one proxy; with 0 all users would share its rate limits
    # -- Cookies ----
    "SESSION_COOKIE_NAME": "__Host-session",  # __Host-: browsers require Secure, no domain, no subdomain
    "DEVICE_COOKIE_NAME": "__Host-device",
    "SESSION_IDLE_SECONDS": 7200,
    "SIGN_IN_COOKIE_NAME": "__Host-signin",
    "FORM_COOKIE_NAME": "__Host-form",
    "ANSWER_COOKIE_NAME": "__Host-answer",
    "SESSION_COOKIE_SECURE": True,
    "SESSION_COOKIE_HTTPONLY": True,
    "SESSION_COOKIE_AGE": 28_800,  # 8 hours
    "SESSION_ENGINE": "intake.web.sessions",
    "SESSION_CACHE_ALIAS": "sessions",
    "CSRF_COOKIE_NAME": "__Host-csrf",
    "CSRF_COOKIE_SECURE": True,
    "CSRF_COOKIE_HTTPONLY": True,
    "CSRF_FAILURE_VIEW": "intake.web.errors.csrf_failure",
    "LANGUAGE_COOKIE_SECURE": True,
    "MESSAGE_STORAGE": "django.contrib.messages.storage.session.SessionStorage",  # no personal data in a cookie
    # -- People ----
    "AUTH_USER_MODEL": "accounts.User",
    "AUTHENTICATION_BACKENDS": ["intake.accounts.backends.NoPasswordBackend"],
    "LOGIN_URL": "accounts:sign_in",
    "LOGIN_REDIRECT_URL": "submissions:mine",
    "ACCOUNT_ADAPTER": "intake.accounts.adapter.AccountAdapter",
    "ACCOUNT_USER_MODEL_USERNAME_FIELD": None,
    "ACCOUNT_LOGIN_METHODS": ["email"],
    "ACCOUNT_SIGNUP_FIELDS": ["email*"],
    "ACCOUNT_EMAIL_VERIFICATION": "none",  # the typed code is the verification
    "ACCOUNT_LOGIN_BY_CODE_FORMAT": {"numeric": True, "length": 6, "dashed": False},
    "ACCOUNT_LOGIN_BY_CODE_TIMEOUT": 600,  # 10 minutes
    "MFA_ADAPTER": "intake.accounts.second_factor.adapter.SecondFactorAdapter",  # encrypts the secrets
    "MFA_SUPPORTED_TYPES": ["totp", "webauthn", "recovery_codes"],
    "MFA_TOTP_TOLERANCE": 1,
    "PASSWORD_HASHERS": ["django.contrib.auth.hashers.ScryptPasswordHasher"],  # of recovery codes
    "MFA_RECOVERY_CODE_COUNT": 10,
    "MFA_RECOVERY_CODE_DIGITS": 12,
    "MFA_WEBAUTHN_USER_VERIFICATION": "required",  # without it, a passkey would be one factor
    "SECOND_FACTOR_KEYS": {"2031": SECOND_FACTOR_KEY},
    "ACCOUNT_RATE_LIMITS": {
        "sign_in_code_network": "100/10m/ip",
        "sign_in_code": "5/10m/key,20/d/key",
        "sign_in_code_spaced": "1/9m/key",
        "sign_in_code_known_device": "5/10m/key,60/d/key",
        "sign_in_guess": "5/10m/key",
        "sign_in_guess_address": "30/d/key",
        "second_factor": "5/10m/key,30/d/key",
        "second_factor_account": "100/d/key",
        "verify_code": "60/m/ip,600/h/ip",
        "verify_file": "10/m/ip,120/h/ip",
        "own_data_copy": "3/10m/user,20/d/user",
        "save": "120/m/user",
    },
    # -- Limits of a request ----
    "DATA_UPLOAD_MAX_MEMORY_SIZE": 2_097_152,  # 2 MiB of form fields
    "DATA_UPLOAD_MAX_NUMBER_FIELDS": 500,
    "FILE_UPLOAD_MAX_MEMORY_SIZE": 1_048_576,  # 1 MiB, then the disk
    "FILE_UPLOAD_HANDLERS": [
        "django.core.files.uploadhandler.MemoryFileUploadHandler",
        "intake.documents.receiving.BoundedUploadHandler",
    ],
    # -- Servers ----
    "APPLICATION_ROLE": "intake_app",
    "DATABASES": {
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": "intake",
            "USER": "intake_app",
            "PASSWORD": "secret",
            "HOST": "127.0.0.1",
            "PORT": 1,
            "OPTIONS": {
                "pool": {
                    "min_size": 1,
                    "max_size": 8,
                    "timeout": 10,
                    "check": "intake.settings.pool.check_connection",
                },
                "options": "-c max_parallel_workers_per_gather=0",
                "connect_timeout": 5,
                "keepalives_idle": 10,
                "keepalives_interval": 5,
                "keepalives_count": 3,
                "tcp_user_timeout": 20_000,
            },
            "CONN_HEALTH_CHECKS": True,
            "DISABLE_SERVER_SIDE_CURSORS": True,
            "CONN_MAX_AGE": 0,
            "ATOMIC_REQUESTS": False,
            "AUTOCOMMIT": True,
            "TIME_ZONE": None,
            "TEST": {"CHARSET": None, "COLLATION": None, "MIGRATE": True, "MIRROR": None, "NAME": None},
        }
    },
    "CACHES": {
        "default": {
            "BACKEND": "intake.web.cache.FaultTolerantRedisCache",
            "LOCATION": "redis://127.0.0.1:1/1",
            "KEY_PREFIX": "intake",
            "OPTIONS": {
                "socket_connect_timeout": 0.25,
                "socket_timeout": 0.25,
                "serializer": "intake.web.cache.SealedSerializer",  # unpickles only what the portal wrote
            },
        },
        "sessions": {
            "BACKEND": "intake.web.cache.FaultTolerantRedisCache",
            "LOCATION": "redis://127.0.0.1:1/1",
            "KEY_PREFIX": "intake",
            "OPTIONS": {
                "socket_connect_timeout": 0.03,  # the database has them too
                "socket_timeout": 0.03,
                "serializer": "intake.web.cache.JsonSerializer",
            },
        },
    },
    "STORAGES": {
        "default": {
            "BACKEND": "intake.web.storage.DurableFileSystemStorage",
            "OPTIONS": {
                "location": "/nonexistent/media",
                "base_url": None,  # no file is served by its address
                "file_permissions_mode": 0o600,
                "directory_permissions_mode": 0o700,
            },
        },
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    },
    "JOURNAL_KEYS": {"2031": JOURNAL_KEY},
    "REGISTER_KEYS": {"2031": REGISTER_KEY},
    "SIGNING_KEYS": {"2031": SIGNING_KEY},
    "SIGNING_CERTIFICATE": "",
    "SIGNING_CERTIFICATE_NAME": "Stages en organisations internationales gouvernementales",
    # -- Mail ----
    "MAILERS": {
        name: {
            "BACKEND": "intake.outbox.smtp.ReusingEmailBackend",
            "OPTIONS": {
                "host": "127.0.0.1",
                "port": 1,
                "username": "",
                "password": "",
                "use_tls": False,
                "use_ssl": False,
                "timeout": 6,
            },
        }
        for name in ("default", "codes")
    },
    "DEFAULT_FROM_EMAIL": "Stages OIG <ne-pas-repondre@exemple.ca>",
    "SERVER_EMAIL": "Stages OIG <ne-pas-repondre@exemple.ca>",
    "MAIL_RETURN_ADDRESS": "",
    "PORTAL_CONTACT_EMAIL": "stages@exemple.ca",
    "PRIVACY_OFFICER_NAME": "Dominique Roy",
    "PRIVACY_OFFICER_TITLE": "Responsable de l’accès aux documents et de la protection des renseignements personnels",
    "PRIVACY_OFFICER_EMAIL": "protection@exemple.ca",
    "PORTAL_CONTACT_UNIT": "Direction des organisations et des forums internationaux",
    "PORTAL_NAME": "Stages en organisations internationales gouvernementales",
    "PORTAL_SHORT_NAME": "Stages OIG",
    "PORTAL_WORDMARK": "img/mark.svg",
    # -- Workers: a delivery is acknowledged once performed; one at a time ----
    "CELERY_BROKER_URL": "redis://127.0.0.1:1/0",
    "CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP": True,
    "CELERY_BROKER_CONNECTION_MAX_RETRIES": None,
    "CELERY_TASK_IGNORE_RESULT": True,
    "CELERY_TASK_DEFAULT_QUEUE": "mail",
    "CELERY_WORKER_PREFETCH_MULTIPLIER": 1,
    "CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT": 15,
    "CELERY_BEAT_SCHEDULER": "celery.beat:Scheduler",
    "OUTBOX_SWEEP_SECONDS": 10,
    "UPLOADS_INSPECTED_AT_ONCE": 2,  # one per person
    "UPLOADS_PER_DAY": 100,
    "UPLOAD_MIB_PER_DAY": 300,
    "UPLOAD_MIB_NOT_FILED": 200,
    "REVIEW_CLAIM_MINUTES": 15,
    "COMPLEMENT_DAYS": 10,
    "MAINTENANCE": None,
    # -- Language, zone, formats ----
    "LANGUAGE_CODE": "fr",
    "LANGUAGES": [["fr", "Français"], ["en", "Anglais"]],
    "ENGLISH_OFFERED": True,
    "FORMAT_MODULE_PATH": "intake.web.locales",
    "LOCALE_PATHS": [f"{CLONE}/locale"],
    "TIME_ZONE": "America/Toronto",
    "USE_TZ": True,
    # -- Static files ----
    "STATIC_URL": "/static/",
    "STATIC_ROOT": f"{CLONE}/staticfiles",
    "NODE_MODULES": f"{CLONE}/node_modules",
    "STATICFILES_DIRS": [
        f"{CLONE}/static",
        ["vendor/bootstrap/css", f"{CLONE}/build/bootstrap"],
        ["vendor/open-sans/files", f"{CLONE}/node_modules/@fontsource/open-sans/files"],
        ["vendor/roboto/files", f"{CLONE}/node_modules/@fontsource/roboto/files"],
        ["vendor/noto-emoji", f"{CLONE}/node_modules/@expo-google-fonts/noto-emoji/400Regular"],
    ],
    "WHITENOISE_KEEP_ONLY_HASHED_FILES": True,
    # -- Logs: warnings of all libraries, and the portal's own messages ----
    "LOGGING": {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {
            "reference": {"()": "intake.web.request_id.RequestIdFilter"},
            "route": {"()": "intake.web.request_id.RouteFilter"},
        },
        "formatters": {
            "line": {"format": "%(asctime)s %(levelname)s %(name)s %(reference)s %(message)s"},
            "json": {"format": "%(message)s"},
        },
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "formatter": "line",
                "filters": ["reference", "route"],
            },
            "security": {"class": "logging.StreamHandler", "formatter": "json"},
            "metrics": {"class": "logging.StreamHandler", "formatter": "json"},
            "none": {"class": "logging.NullHandler"},
        },
        "root": {"handlers": ["console"], "level": "WARNING"},
        "loggers": {
            "intake": {"level": "INFO"},
            "intake.security": {"handlers": ["security"], "propagate": False},
            "intake.metrics": {"handlers": ["metrics"], "propagate": False},
            "django.request": {"level": "ERROR"},
            "django.security": {"handlers": ["none"], "propagate": False},
        },
    },
}
"""Every setting that the portal's modules define."""

DJANGOS: dict[str, Any] = {
    "SESSION_COOKIE_DOMAIN": None,  # the prefix __Host- forbids a domain
    "SESSION_COOKIE_PATH": "/",
    "SESSION_COOKIE_SAMESITE": "Lax",
    "SESSION_EXPIRE_AT_BROWSER_CLOSE": False,
    "SESSION_FILE_PATH": None,
    "SESSION_SAVE_EVERY_REQUEST": False,
    "SESSION_SERIALIZER": "django.contrib.sessions.serializers.JSONSerializer",  # never pickle: it can execute code
    "CSRF_COOKIE_AGE": 31_449_600,
    "CSRF_COOKIE_DOMAIN": None,
    "CSRF_COOKIE_PATH": "/",
    "CSRF_COOKIE_SAMESITE": "Lax",
    "CSRF_HEADER_NAME": "HTTP_X_CSRFTOKEN",
    "CSRF_TRUSTED_ORIGINS": [],  # no other site posts here
    "CSRF_USE_SESSIONS": False,
    "LANGUAGE_COOKIE_AGE": None,  # the portal's own cookie is `langue`: see test_cookies.py
    "LANGUAGE_COOKIE_DOMAIN": None,
    "LANGUAGE_COOKIE_HTTPONLY": False,
    "LANGUAGE_COOKIE_NAME": "django_language",
    "LANGUAGE_COOKIE_PATH": "/",
    "LANGUAGE_COOKIE_SAMESITE": None,
    "SECRET_KEY_FALLBACKS": [],
    "SECURE_CONTENT_TYPE_NOSNIFF": True,
    "SECURE_CROSS_ORIGIN_OPENER_POLICY": "same-origin",
    "SECURE_CSP_REPORT_ONLY": {},
    "SECURE_PROXY_SSL_HEADER": None,  # gunicorn decides which proxy may state HTTPS: FORWARDED_ALLOW_IPS
    "SECURE_SSL_HOST": None,
    "SIGNED_COOKIE_LEGACY_SALT_FALLBACK": False,
    "SIGNING_BACKEND": "django.core.signing.TimestampSigner",
    "SILENCED_SYSTEM_CHECKS": [],
    "DATA_UPLOAD_MAX_NUMBER_FILES": 100,
    "FILE_UPLOAD_DIRECTORY_PERMISSIONS": None,  # the storage sets its own: 0700 and 0600
    "FILE_UPLOAD_PERMISSIONS": 0o644,
    "FILE_UPLOAD_TEMP_DIR": None,
    "USE_X_FORWARDED_HOST": False,  # the proxy keeps Host
    "USE_X_FORWARDED_PORT": False,
    "ADMINS": [],  # errors go to the log; mails would contain personal data
    "MANAGERS": [],
    "APPEND_SLASH": True,
    "AUTH_PASSWORD_VALIDATORS": [],  # there are no passwords
    "DEBUG_PROPAGATE_EXCEPTIONS": False,
    "DEFAULT_EXCEPTION_REPORTER": "django.views.debug.ExceptionReporter",
    "DEFAULT_EXCEPTION_REPORTER_FILTER": "django.views.debug.SafeExceptionReporterFilter",
    "DISALLOWED_USER_AGENTS": [],
    "INTERNAL_IPS": [],
    "LOGOUT_REDIRECT_URL": None,
    "MEDIA_ROOT": "",
    "MEDIA_URL": "/",
    "MIGRATION_MODULES": {},
    "PREPEND_WWW": False,
    "USE_I18N": True,
}
"""Defaults of Django on which the portal's safety depends. The settings of FAMILIES are all here."""

FAMILIES = (
    "CSRF_",
    "DATA_UPLOAD_",
    "FILE_UPLOAD_",
    "LANGUAGE_COOKIE_",
    "SECRET_KEY",
    "SECURE_",
    "SESSION_",
    "SIGN",
    "USE_X_FORWARDED_",
    "X_FRAME_OPTIONS",
)
"""Prefixes of names: a setting that a new Django version adds to one of them needs a row here."""

ALLAUTHS: dict[str, Any] = {
    "account.LOGIN_BY_CODE_TIMEOUT": 600,
    "account.LOGIN_METHODS": ["email"],
    "account.PREVENT_ENUMERATION": True,  # does not reveal who has an account
    "account.RATE_LIMITS": {  # they replace the library's by name
        "change_password": "5/m/user",
        "change_phone": "1/m/user",
        "manage_email": "10/m/user",
        "reset_password": "20/m/ip,5/m/key",
        "reauthenticate": "10/m/user",
        "reset_password_from_key": "20/m/ip",
        "signup": "20/m/ip",
        "login": "30/m/ip",
        "request_login_code": "20/m/ip,3/m/key",
        "login_failed": "10/m/ip,5/300s/key",
        "confirm_email": "1/180s/key",
        "verify_phone": "1/30s/key,3/m/ip",
        **OURS["ACCOUNT_RATE_LIMITS"],
    },
    "account.SESSION_REMEMBER": None,  # read only by forms that the portal does not use
    "account.UNIQUE_EMAIL": True,
    "account.USER_MODEL_USERNAME_FIELD": None,
    "RATE_LIMIT_IPV6_PREFIX": 64,
    "TRUSTED_CLIENT_IP_HEADER": None,
    "TRUSTED_PROXY_COUNT": 1,
    "MFA_ENABLED": True,
    "SOCIALACCOUNT_ENABLED": False,
    "USERSESSIONS_ENABLED": False,
    "HEADLESS_ENABLED": False,
}
"""allauth's resulting settings, whether the portal sets them or not."""
