"""The variables that a real installation requires, and its refusals without them."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from intake.settings import services
from tests.settings.environment import NEEDED, REST, run


def test_three_variables_suffice_for_a_check_without_warnings() -> None:
    command = ["manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    answer = run(*command, **NEEDED, PYTHONWARNINGS="error")
    assert (answer.returncode, answer.stderr) == (0, "")
    assert "System check identified no issues (0 silenced)." in answer.stdout


@pytest.mark.parametrize("name", ["SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL"])
def test_each_of_the_three_variables_is_required_by_its_name(name: str) -> None:
    answer = run("manage.py", "check", **(NEEDED | {name: ""}))
    assert answer.returncode != 0
    assert name in answer.stderr.splitlines()[-1]


_TWO_SERVERS_MISSING = NEEDED | {
    name: value for name, value in REST.items() if name not in {"EMAIL_URL", "CACHE_URL"}
}


@pytest.mark.servers
@pytest.mark.parametrize(
    "command",
    [
        pytest.param(["-m", "gunicorn", "--bind", "127.0.0.1:0"], id="web"),
        pytest.param(["-m", "celery", "--app", "intake.celery", "worker"], id="worker"),
        pytest.param(
            ["-m", "celery", "--app", "intake.celery", "beat", "--schedule", "{folder}/beat"],
            id="beat",
            marks=pytest.mark.full,
        ),
    ],
)
def test_serving_is_refused_in_one_line_while_a_server_is_missing(command: list[str], tmp_path: Path) -> None:
    answer = run(*(word.format(folder=tmp_path) for word in command), **_TWO_SERVERS_MISSING)
    assert answer.returncode != 0
    said = [line for line in answer.stderr.splitlines() if "not serving" in line]
    assert len(said) == 1, answer.stderr
    assert said[0].endswith(
        "intake: not serving: set CACHE_URL, EMAIL_URL (docs/operations/environment.md says how)"
    ), answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.servers
def test_the_sweep_is_refused_in_exactly_one_line() -> None:
    answer = run("manage.py", "sweep_outbox", **_TWO_SERVERS_MISSING)
    assert answer.returncode != 0
    assert (
        answer.stderr
        == "intake: not serving: set CACHE_URL, EMAIL_URL (docs/operations/environment.md says how)\n"
    )


@pytest.mark.parametrize(
    "url, options",
    [
        ("smtp://mail.exemple.invalid", {"port": 25, "use_tls": False, "use_ssl": False, "username": ""}),
        ("smtp://mail.exemple.invalid:2525", {"port": 2525}),
        (
            "smtp+tls://portal:p%40ss@mail.exemple.invalid:587",
            {"port": 587, "use_tls": True, "username": "portal", "password": "p@ss"},
        ),
        ("smtp+ssl://mail.exemple.invalid:465", {"port": 465, "use_ssl": True}),
    ],
)
def test_a_mail_server_address_sets_its_options(url: str, options: dict[str, object]) -> None:
    plain, reported = services.mailer(url), services.mailer(url, reported=True)
    options["host"] = "mail.exemple.invalid"
    assert {name: plain["OPTIONS"][name] for name in options} == options
    assert reported == plain | {"BACKEND": "intake.outbox.smtp.ReportedEmailBackend"}


def test_the_options_of_a_database_address_are_merged_with_ours() -> None:
    address = services.database("postgres://a:b@h:5433/intake?sslmode=verify-full&connect_timeout=9")
    ours = {"pool": services.POOL, "options": services.SERVER_OPTIONS} | services.CONNECTION_LIMITS
    assert address["OPTIONS"] == ours | {"sslmode": "verify-full", "connect_timeout": 9}
    assert [address[name] for name in ("USER", "PASSWORD", "HOST", "PORT")] == ["a", "b", "h", 5433]
    assert (address["CONN_HEALTH_CHECKS"], address["DISABLE_SERVER_SIDE_CURSORS"]) == (True, True)
    address["OPTIONS"]["pool"].clear()
    assert services.database("postgres://a@h/intake")["OPTIONS"] == ours


def test_without_a_cache_server_each_process_counts_for_itself() -> None:
    local = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    assert services.caches("") == {"default": local, "sessions": local}


def test_a_storage_is_a_folder_readable_only_by_its_user() -> None:
    assert services.storage("file:///srv/m%C3%A9dias%20ici") == {
        "BACKEND": "intake.web.storage.DurableFileSystemStorage",
        "OPTIONS": {
            "location": "/srv/médias ici",
            "base_url": None,
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    }


def test_a_variable_of_blanks_counts_as_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "  kept \n")
    assert services.required("SECRET_KEY") == "kept"
    for value in ("", " "):
        monkeypatch.setenv("SECRET_KEY", value)
        with pytest.raises(ImproperlyConfigured) as refused:
            services.required("SECRET_KEY")
        said = "set the environment variable SECRET_KEY (docs/operations/environment.md says how)"
        assert str(refused.value) == said


@pytest.mark.parametrize(
    "read,address",
    [
        (services.database, "sqlite:///db.sqlite3"),
        (services.storage, "s3://bucket/"),
        (services.storage, "file://host/media"),
        (services.storage, "file:media"),
        (services.mailer, "consolemail://"),
    ],
)
def test_an_address_the_portal_cannot_use_is_refused(read: object, address: str) -> None:
    assert callable(read)
    with pytest.raises(ImproperlyConfigured, match="_URL: "):
        read(address)


def test_the_keys_of_the_register_are_read_in_order() -> None:
    shortest, longest_name = "n" * 32, "A-b_9" * 4
    keys = services.named_keys("REGISTER_KEYS", f" {longest_name} : {shortest}, a:b:{shortest} ,")
    assert list(keys.items()) == [(longest_name, shortest), ("a", f"b:{shortest}")]
    assert services.named_keys("REGISTER_KEYS", "") == {}


@pytest.mark.parametrize(
    "text",
    [
        "n" * 40,
        "2031:short",
        f":{'n' * 40}",
        f"a:{'n' * 40},a:{'o' * 40}",
        f"a:{'n' * 31}",
        f"{'a' * 21}:{'n' * 40}",
        f"é:{'n' * 40}",
    ],
)
def test_an_invalid_register_key_is_refused_without_printing_it(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="REGISTER_KEYS: ") as refused:
        services.named_keys("REGISTER_KEYS", text)
    assert "n" * 30 not in str(refused.value)
    assert f"key {text.count(',') + 1} is not so" in str(refused.value)


def test_a_derived_secret_depends_on_secret_and_purpose() -> None:
    made = services.derived_secret("secret", "register")
    # Computed independently: a change would make all stored participants unknown.
    assert made == "61eb8c09b86834ba975b6b117a2531dc785d41c0ae91abe772f8dc02c94ceec7"
    assert made not in {
        services.derived_secret("secret", "other"),
        services.derived_secret("other", "register"),
    }


_SERVE_WITHOUT_EACH = """
import os, sys
import django.core.wsgi, environ, psycopg, intake.settings.services
for name in sys.argv[1:]:
    if not os.fork():
        del os.environ[name]
        import intake.wsgi
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.wait()[1]), file=sys.stderr, flush=True)
"""
"""Starts to serve in one child process per missing variable, and prints each exit code."""


@pytest.fixture(scope="module")
def without_each() -> dict[str, tuple[str, str]]:
    """Return the message and exit code for each missing variable. Django's libraries are imported once."""
    answer = run("-c", _SERVE_WITHOUT_EACH, *REST, **NEEDED, **REST)
    assert answer.returncode == 0, answer.stderr
    said = answer.stderr.splitlines()
    return dict(zip(REST, zip(said[::2], said[1::2], strict=True), strict=True))


@pytest.mark.parametrize("name", REST)
def test_serving_is_refused_without_each_variable_by_its_name(
    without_each: dict[str, tuple[str, str]], name: str
) -> None:
    assert without_each[name] == (
        f"intake: not serving: set {name} (docs/operations/environment.md says how)",
        "1",
    )


@pytest.mark.parametrize(
    "name,text",
    [
        ("DEFAULT_FROM_EMAIL", "Stages"),
        ("DEFAULT_FROM_EMAIL", "Stages <stages>"),
        ("PORTAL_CONTACT_EMAIL", "stages"),
        ("PRIVACY_OFFICER_EMAIL", "protection"),
        ("PORTAL_CONTACT_EMAIL", "Stages <stages@exemple.ca>"),
        ("MAIL_RETURN_ADDRESS", "retours"),
        ("MAIL_RETURN_ADDRESS", "Retours <retours@exemple.ca>"),
        ("MAIL_RETURN_ADDRESS", "a@exemple.ca,b@exemple.ca"),
    ],
)
def test_an_invalid_mail_address_is_refused_by_its_variable(
    name: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, text)
    with pytest.raises(ImproperlyConfigured) as refused:
        services.address(name, named=True) if name == "DEFAULT_FROM_EMAIL" else services.address(name)
    form = "Stages OIG <stages@exemple.ca>" if name == "DEFAULT_FROM_EMAIL" else "stages@exemple.ca"
    assert str(refused.value) == f"{name}: give one address, as {form}"
    monkeypatch.setenv(name, "stages@exemple.ca")
    assert services.address(name, named=name == "DEFAULT_FROM_EMAIL") == "stages@exemple.ca"


def test_a_sender_may_have_a_name_before_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEFAULT_FROM_EMAIL", " Stages OIG <stages@exemple.ca> ")
    assert services.address("DEFAULT_FROM_EMAIL", named=True) == "Stages OIG <stages@exemple.ca>"
    assert services.address("MAIL_RETURN_ADDRESS") == ""


_PUBLIC_HALF = "02" + "a" * 64
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def test_signing_keys_are_read_in_order_and_retired_ones_by_public_key() -> None:
    odd, last = "03" + "a" * 64, f"{_ORDER - 1:064X}"
    keys = services.signing_keys(f" 2031:{last}, 2029:{_PUBLIC_HALF} , b: {odd}, a:{1:064x} ,")
    assert list(keys.items()) == [
        ("2031", last.lower()),
        ("2029", _PUBLIC_HALF),
        ("b", odd),
        ("a", f"{1:064x}"),
    ]
    only_verifies = services.signing_keys(f"2031:{_PUBLIC_HALF}")
    assert [services.has_secret(each) for each in (keys, only_verifies, {})] == [True, False, False]


@pytest.mark.parametrize(
    "text",
    [
        "a" * 64,
        f"2031:{'a' * 63}",
        f":{'a' * 64}",
        f"a:{'a' * 64},a:{'a' * 64}",
        f"2031:{'0' * 64}",
        f"2031:{'f' * 64}",
        f"2031:{_ORDER:064x}",
        f"2031:{'a' * 64},2029:04{'a' * 64}",
        f"2031:{'a' * 64},2029:02{'a' * 63}",
    ],
    ids=[
        "no name",
        "short",
        "empty name",
        "twice",
        "zero",
        "beyond the curve's order",
        "the curve's order",
        "no compressed point",
        "short public half",
    ],
)
def test_an_invalid_signing_key_is_refused_without_printing_it(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="SIGNING_KEYS: ") as refused:
        services.signing_keys(text)
    assert "aaaa" not in str(refused.value)
    assert f"key {text.count(',') + 1} is not so" in str(refused.value)


# -- Connections that are not encrypted --------------------------------------------------------------------------
@pytest.mark.parametrize(
    "url, in_clear",
    [
        ("postgres://a:b@db.exemple.invalid/intake", True),
        ("postgres://a:b@db.exemple.invalid/intake?sslmode=prefer", True),
        ("postgres://a:b@db.exemple.invalid/intake?sslmode=require", False),
        ("postgres://a:b@db.exemple.invalid/intake?connect_timeout=5&sslmode=verify-full", False),
        ("postgres://a:b@127.0.0.1:5432/intake", False),
        ("postgres://a:b@/intake", False),
        ("redis://:b@valkey:6379/0", True),
        ("redis://:b@[::1]:6379/0", False),
        ("rediss://:b@valkey:6379/0", False),
        ("smtp://mail.exemple.invalid:25", True),
        ("smtp+tls://mail.exemple.invalid:587", False),
        ("smtp+ssl://mail.exemple.invalid:465", False),
        ("s3://a:b@s3.exemple.invalid/documents?region=ca-central-1", False),
        ("s3://a:b@s3.exemple.invalid/documents?scheme=http", True),
        ("s3://a:b@127.0.0.1:9000/documents?scheme=http", False),
        ("", False),
    ],
)
def test_a_connection_to_another_machine_in_clear_is_recognised(
    url: str,
    in_clear: bool,  # noqa: FBT001 -- a table's column
) -> None:
    assert services.unencrypted({"SERVER_URL": url}) == (("SERVER_URL",) if in_clear else ())


@pytest.mark.parametrize(
    "url, takes_any",
    [
        ("postgres://a:b@db.exemple.invalid/intake", False),  # in clear: said, not refused
        ("postgres://a:b@db.exemple.invalid/intake?sslmode=require", True),
        ("postgres://a:b@db.exemple.invalid/intake?sslmode=verify-ca", True),
        ("postgres://a:b@db.exemple.invalid/intake?sslmode=verify-full&sslmode=require", True),
        ("postgres://a:b@db.exemple.invalid/intake?sslmode=verify-full&sslrootcert=/ca.pem", False),
        ("postgres://a:b@127.0.0.1:5432/intake?sslmode=require", False),
        ("rediss://:b@valkey:6379/0", False),
        ("rediss://:b@valkey:6379/0?ssl_cert_reqs=required", False),
        ("rediss://:b@valkey:6379/0?ssl_cert_reqs=none", True),
        ("redis://:b@valkey:6379/0", False),
        ("smtp+tls://mail.exemple.invalid:587", False),
        ("s3://a:b@s3.exemple.invalid/documents", False),
        ("", False),
    ],
)
def test_an_encrypted_connection_that_takes_any_certificate_is_recognised(
    url: str,
    takes_any: bool,  # noqa: FBT001 -- a table's column
) -> None:
    assert services.unchecked({"SERVER_URL": url}) == (("SERVER_URL",) if takes_any else ())


# -- The virus scanner -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "url, scanner",
    [
        ("", None),
        ("unix:///run/clamav/clamd.ctl", services.VirusScanner(path="/run/clamav/clamd.ctl")),
        ("tcp://antivirus", services.VirusScanner(host="antivirus", port=3310)),
        ("tcp://[::1]:3311/", services.VirusScanner(host="::1", port=3311)),
    ],
)
def test_the_address_of_a_scanner_is_a_socket(url: str, scanner: services.VirusScanner | None) -> None:
    assert services.virus_scanner(url) == scanner


@pytest.mark.parametrize(
    "url",
    [
        "antivirus:3310",
        "tcp://",
        "tcp://antivirus:port",
        "tcp://antivirus/zone",
        "tcp://somebody@antivirus",
        "unix://run/clamd.ctl",
        "unix:///",
        "http://antivirus:3310",
    ],
)
def test_another_address_of_a_scanner_is_refused_with_its_form(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="CLAMD_URL: give the scanner's socket, as unix://"):
        services.virus_scanner(url)


# -- A bucket ----------------------------------------------------------------------------------------------------
def test_the_address_of_a_bucket_sets_its_options() -> None:
    full = "s3://la%2Fcl%C3%A9:un%2Fsecret%2B@s3.exemple.invalid:9443/documents/?region=ca-central-1&prefix=/a/b/"
    assert services.storage(full) == {
        "BACKEND": "intake.web.s3_storage.S3Storage",
        "OPTIONS": {
            "endpoint": "https://s3.exemple.invalid:9443",
            "region": "ca-central-1",
            "bucket": "documents",
            "prefix": "a/b",
            "access_key": "la/clé",
            "secret_key": "un/secret+",
        },
    }
    options = services.storage("s3://a:b@[::1]/documents?scheme=http")["OPTIONS"]
    assert (options["endpoint"], options["region"], options["prefix"]) == ("http://[::1]", "us-east-1", "")


@pytest.mark.parametrize(
    "url, needs",
    [
        ("s3://le-secret@s3.exemple.invalid/documents", "a key and its secret"),
        ("s3://:le-secret@s3.exemple.invalid/documents", "a key and its secret"),
        ("s3:///documents", "a host, a key and its secret"),
        ("s3://a:le-secret@s3.exemple.invalid/", "one bucket after the host"),
        ("s3://a:le-secret@s3.exemple.invalid/documents/below", "one bucket after the host"),
        ("s3://a:le-secret@s3.exemple.invalid:port/documents", "one bucket after the host"),
        (
            "s3://a:le-secret@s3.exemple.invalid/documents?acl=public-read",
            "no option but region, prefix and scheme",
        ),
        ("s3://a:le-secret@s3.exemple.invalid/documents?scheme=ftp", "the scheme https"),
    ],
)
def test_an_incomplete_address_of_a_bucket_is_refused_without_its_secret(url: str, needs: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        services.storage(url)
    assert f"it needs {needs}" in str(refused.value)
    assert "le-secret" not in str(refused.value)
