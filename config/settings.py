"""All settings, read from the environment.

Without DATABASE_URL nothing is connected: commands that need no service run, and `manage.py` brings the embedded
servers for all others. With DATABASE_URL it is a server: REDIS_URL, SECRET_KEY and SITE_URL are required.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import environ
from celery.schedules import crontab

from config.environment import (
    check_database_url,
    checked_choice,
    checked_number,
    checked_secret_key,
    parse_redis_url,
    parse_site_url,
    refuse_unknown_names,
)

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
refuse_unknown_names(os.environ)

# --- where it runs -------------------------------------------------------------------------------

# Embedded: servers of this checkout, or none yet. Demo sign-ins are offered, static files are served as they lie.
IS_EMBEDDED = env.bool("WINNOW_EMBEDDED", default="DATABASE_URL" not in os.environ)
STATE_DIR = Path(env.str("WINNOW_STATE_DIR", default=str(BASE_DIR / ".local"))).resolve()
DEBUG = env.bool("DEBUG", default=False)

SITE = parse_site_url(env.str("SITE_URL", default="http://127.0.0.1:8000" if IS_EMBEDDED else env.NOTSET))
SITE_URL = SITE.origin
SECRET_KEY = checked_secret_key(env.str("SECRET_KEY", default=secrets.token_urlsafe(50) if IS_EMBEDDED else env.NOTSET))
ALLOWED_HOSTS = [SITE.host, "127.0.0.1", "localhost", "[::1]"]

# --- apps ----------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "config",
    "operations",
    "planning",
    "intake",
    "refinement",
    "prioritization",
    "backlog",
    "accounts",
    "activity",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "allauth",
    "allauth.account",
    "django_htmx",
    "template_partials.apps.SimpleAppConfig",
    "pgtrigger",
    "rest_framework",
    "drf_spectacular",
]

MIDDLEWARE = [
    "config.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.ContentSecurityPolicyMiddleware",
    "config.middleware.BodyLimitMiddleware",  # before anything that reads the body
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.OrganizationMiddleware",
    "config.frame.LastPlaceMiddleware",
    "activity.middleware.DomainErrorMiddleware",
    "config.middleware.VisibleMarksMiddleware",
    # Last and synchronous: Django then runs the whole chain in one thread. With an asynchronous one here every
    # middleware above would hop to a thread and back on its own.
    "config.middleware.PrivatePagesMiddleware",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

_LOADERS = ["django.template.loaders.filesystem.Loader", "django.template.loaders.app_directories.Loader"]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "builtins": ["template_partials.templatetags.partials"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.frame.frame",
            ],
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    _LOADERS if DEBUG else [("django.template.loaders.cached.Loader", _LOADERS)],
                )
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- database ------------------------------------------------------------------------------------

# winnow_app runs, winnow_owner migrates. Without a second role one URL serves both.
_UNCONNECTED = "postgres://winnow_app@/winnow?host=/nonexistent"
DATABASE_URL = check_database_url("DATABASE_URL", env.str("DATABASE_URL", default=_UNCONNECTED))
DATABASE_OWNER_URL = check_database_url("DATABASE_OWNER_URL", env.str("DATABASE_OWNER_URL", default=DATABASE_URL))
DATABASES = {"default": environ.Env.db_url_config(DATABASE_URL)}
# Each request under ASGI runs in a new thread, so persistent connections would pile up; web processes share a pool.
DATABASES["default"]["CONN_MAX_AGE"] = 0
# Statements are prepared on the server from their second run on a connection: planning took longer than running them.
DATABASES["default"].setdefault("OPTIONS", {}).update({"server_side_binding": True, "prepare_threshold": 1})
if env.bool("WINNOW_DATABASE_POOL", default=False):
    DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 2, "max_size": 8, "timeout": 5}
# Tables whose rows the application may add and read, never change.
APPEND_ONLY_TABLES = ("activity_event", "backlog_rankmove", "backlog_cutmove", "backlog_rankcause")

# --- Redis: doorbell, volatile cache, broker ------------------------------------------------------

_REDIS = parse_redis_url(env.str("REDIS_URL", default="unix:///nonexistent" if IS_EMBEDDED else env.NOTSET))
REDIS_URL = _REDIS.client
_SOCKET_TIMEOUTS = {"socket_connect_timeout": 0.25, "socket_timeout": 0.25}

CACHES = {
    # Rate limits must hold when Redis is empty, so the default cache is a table.
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "config_cache"},
    "volatile": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": _REDIS.cache,
        "OPTIONS": _SOCKET_TIMEOUTS,
    },
}

CELERY_BROKER_URL = _REDIS.broker
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 900
CELERY_TASK_SOFT_TIME_LIMIT = 840
CELERY_TASK_STORE_ERRORS_EVEN_IF_IGNORED = False
# Publishing is a doorbell: the row is already committed, so it fails at once instead of holding the request.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CONCURRENCY = 2
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 10
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Above every time limit and countdown, else a running task would be handed out twice.
    "visibility_timeout": 3600,
    # A killed worker's tasks come back in about 16 s instead of 106 s.
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 2,
}
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    # Truth is in rows: what a lost message left behind is found within seconds.
    # A missed tick is made good by the next, so one that nobody took in time is dropped.
    "jobs nobody heard of": {"task": "activity.sweep_jobs", "schedule": 10.0, "options": {"expires": 10}},
    "stale ranks nobody heard of": {"task": "prioritization.sweep", "schedule": 10.0, "options": {"expires": 10}},
    "old idempotency keys": {"task": "activity.forget_keys", "schedule": crontab(hour="3", minute="0"), "options": {"expires": 3600}},
    "stale items": {"task": "backlog.find_stale", "schedule": crontab(hour="2", minute="45"), "options": {"expires": 3600}},
    "files of removed attachments": {
        "task": "backlog.sweep_files",
        "schedule": crontab(hour="3", minute="30"),
        "options": {"expires": 3600},
    },
    "full ranking": {"task": "prioritization.nightly", "schedule": crontab(hour="2", minute="15"), "options": {"expires": 3600}},
}

# --- sign-in -------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.EmailBackend"]
SESSION_ENGINE = "accounts.sessions"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "config.sign_in.ClosedSignUpAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if SITE.is_secure else "http"
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "20/m/ip,5/5m/key",
    "reset_password": "20/m/ip,5/m/key",
    "change_password": "5/m/user",
    "reauthenticate": "10/m/user",
}
# How many proxies stand in front: the client's address is taken that far from the right of X-Forwarded-For.
PROXY_COUNT = checked_number("WINNOW_PROXY_COUNT", env.str("WINNOW_PROXY_COUNT", default="0"), 0, 5)
ALLAUTH_TRUSTED_PROXY_COUNT = PROXY_COUNT

# --- what a browser may do ------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = False  # forms.js reads it to repeat a refused request with a fresh token
CSRF_TRUSTED_ORIGINS = [SITE.origin]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = SITE.is_secure
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_HSTS_SECONDS = 31_536_000 if SITE.is_secure else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PROXY_COUNT else None
# Subdomains and the preload list belong to the owner of the domain, not to one application on it.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]

DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
DATA_UPLOAD_MAX_NUMBER_FILES = 10
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

# --- files, mail, language ------------------------------------------------------------------------

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = None if IS_EMBEDDED else BASE_DIR / "staticfiles"
# A server has hashed names from `collectstatic`; a checkout serves the files as they lie.
_STATIC_BACKEND = "django.contrib.staticfiles.storage.StaticFilesStorage" if IS_EMBEDDED else "config.static.HashedStaticStorage"
WHITENOISE_USE_FINDERS = IS_EMBEDDED
WHITENOISE_AUTOREFRESH = DEBUG
# Files that people attach. Beside the state, never below the static files: no server hands them out but the view that asks who reads.
MEDIA_ROOT = Path(env.str("WINNOW_MEDIA_DIR", default=str(STATE_DIR / "media"))).resolve()
ATTACHMENT_MAX_BYTES = checked_number("WINNOW_ATTACHMENT_MB", env.str("WINNOW_ATTACHMENT_MB", default="10"), 1, 100) * 1024 * 1024
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _STATIC_BACKEND},
}

vars().update(env.email_url("EMAIL_URL", default="consolemail://" if IS_EMBEDDED else "smtp://localhost:25"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"Winnow <winnow@{SITE.host.strip('[]')}>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

LANGUAGE_CODE = "en"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- API -----------------------------------------------------------------------------------------

API_REQUESTS_A_MINUTE = 600  # of one token, or of one person in a browser
API_REQUESTS_A_MINUTE_OF_STRANGERS = 60  # of one address
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["activity.api.StrictJSONParser"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    # The token comes first: its class says how to sign in, which makes a refusal 401 instead of 403.
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_THROTTLE_CLASSES": ["accounts.api.throttles.MinuteLimit"],
    "EXCEPTION_HANDLER": "config.api.handle_error",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "NUM_PROXIES": PROXY_COUNT,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Winnow",
    "DESCRIPTION": "Items, their order and the reasons for it. `docs/api.md` is the guide.",
    "VERSION": "1",
    "LICENSE": {"name": "Apache-2.0"},
    "TAGS": [
        {"name": "items", "description": "What is in a backlog."},
        {"name": "ranking", "description": "The order, and why it is so."},
        {"name": "stale", "description": "What nobody has touched for long, and what becomes of it."},
        {"name": "tokens", "description": "Keys for programs."},
    ],
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "BallotValue": "refinement.models.BallotVote.Value",
        "Kind": "backlog.kinds.Kind",
        "Status": "backlog.models.item.Status",
        "Channel": "backlog.models.item.Channel",
        "Band": "prioritization.api.serializers.BANDS",
        "Scope": "accounts.api.serializers.SCOPES",
    },
}

# --- logs ----------------------------------------------------------------------------------------

LOG_FORMAT = checked_choice("WINNOW_LOG_FORMAT", env.str("WINNOW_LOG_FORMAT", default="text" if IS_EMBEDDED else "json"), {"text", "json"})
LOG_LEVEL = checked_choice("WINNOW_LOG_LEVEL", env.str("WINNOW_LOG_LEVEL", default="INFO"), {"DEBUG", "INFO", "WARNING", "ERROR"})
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "config.logs.RequestIdFilter"}},
    "formatters": {
        "text": {"format": "{levelname} {name} [{request_id}] {message}", "style": "{"},
        "json": {"()": "config.logs.JsonFormatter"},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT, "filters": ["request_id"]},
    },
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": [], "level": LOG_LEVEL, "propagate": True},
        "django.server": {"handlers": [], "propagate": True},
        # An answer of 4xx is told to the person who asked; the log keeps what the server did wrong.
        "django.request": {"level": "ERROR"},
    },
}
