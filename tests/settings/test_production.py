"""What a real installation is asked for, and refused without."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from intake.settings import services
from tests.settings.environment import NEEDED, REST, run


def test_three_variables_suffice_for_a_clean_check() -> None:
    answer = run("manage.py", "check", "--deploy", "--fail-level", "WARNING", **NEEDED)
    assert answer.returncode == 0, answer.stderr
    assert "System check identified no issues (0 silenced)." in answer.stdout + answer.stderr


@pytest.mark.parametrize("name", ["SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL"])
def test_each_of_the_three_is_asked_for_by_its_name(name: str) -> None:
    answer = run("manage.py", "check", **(NEEDED | {name: ""}))
    assert answer.returncode != 0
    assert name in answer.stderr.splitlines()[-1]


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
    variables = NEEDED | {
        name: value for name, value in REST.items() if name not in {"EMAIL_URL", "CACHE_URL"}
    }
    answer = run(*(word.format(folder=tmp_path) for word in command), **variables)
    assert answer.returncode != 0
    said = [line for line in answer.stderr.splitlines() if "not serving" in line]
    assert len(said) == 1, answer.stderr
    assert said[0].endswith("intake: not serving: set CACHE_URL, EMAIL_URL (docs/running.md says how)"), (
        answer.stderr
    )
    assert "Traceback" not in answer.stderr


def test_a_mail_server_with_tls_and_a_password() -> None:
    options = services.mailer("smtp+tls://portal:p%40ss@mail.exemple.invalid:587")["OPTIONS"]
    assert options["host"] == "mail.exemple.invalid"
    assert (options["port"], options["use_tls"], options["use_ssl"]) == (587, True, False)
    assert (options["username"], options["password"]) == ("portal", "p@ss")


def test_the_options_of_a_database_address_are_kept() -> None:
    address = services.database("postgres://a:b@db.exemple.invalid/intake?sslmode=verify-full")
    assert address["OPTIONS"]["sslmode"] == "verify-full"
    assert address["OPTIONS"]["pool"]["max_size"] > 1


@pytest.mark.parametrize(
    "read,address",
    [
        (services.database, "sqlite:///db.sqlite3"),
        (services.storage, "s3://bucket/"),
        (services.storage, "file://host/media"),
        (services.mailer, "consolemail://"),
    ],
)
def test_an_address_the_portal_cannot_use_is_refused(read: object, address: str) -> None:
    assert callable(read)
    with pytest.raises(ImproperlyConfigured, match="_URL: "):
        read(address)


def test_the_registers_keys_are_read_in_their_order() -> None:
    keys = services.register_keys(f" 2031:{'n' * 40}, 2029:{'o' * 40} ,")
    assert list(keys.items()) == [("2031", "n" * 40), ("2029", "o" * 40)]
    assert services.register_keys("") == {}


@pytest.mark.parametrize("text", ["n" * 40, "2031:short", f":{'n' * 40}", f"a:{'n' * 40},a:{'o' * 40}"])
def test_a_register_key_that_will_not_do_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="REGISTER_KEYS: ") as refused:
        services.register_keys(text)
    assert "n" * 40 not in str(refused.value)


def test_a_derived_secret_serves_one_purpose() -> None:
    made = services.derived_secret("secret", "register")
    assert made == services.derived_secret("secret", "register")
    assert made not in {
        services.derived_secret("secret", "other"),
        services.derived_secret("other", "register"),
    }


@pytest.mark.servers
@pytest.mark.parametrize("name", REST)
def test_serving_is_refused_without_each_variable_by_its_name(name: str) -> None:
    variables = NEEDED | {given: value for given, value in REST.items() if given != name}
    answer = run("manage.py", "sweep_outbox", **variables)
    assert answer.returncode != 0
    assert answer.stderr == f"intake: not serving: set {name} (docs/running.md says how)\n"


@pytest.mark.parametrize(
    "name,text",
    [
        ("DEFAULT_FROM_EMAIL", "Stages"),
        ("DEFAULT_FROM_EMAIL", "Stages <stages>"),
        ("PORTAL_CONTACT_EMAIL", "stages"),
        ("PORTAL_CONTACT_EMAIL", "Stages <stages@exemple.ca>"),
        ("MAIL_RETURN_ADDRESS", "retours"),
        ("MAIL_RETURN_ADDRESS", "Retours <retours@exemple.ca>"),
        ("MAIL_RETURN_ADDRESS", "a@exemple.ca,b@exemple.ca"),
    ],
)
def test_what_is_no_mail_address_is_refused_by_its_name(
    name: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, text)
    with pytest.raises(ImproperlyConfigured, match=f"^{name}: "):
        services.address(name, named=name == "DEFAULT_FROM_EMAIL")


def test_a_sender_may_have_a_name_before_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEFAULT_FROM_EMAIL", " Stages OIG <stages@exemple.ca> ")
    assert services.address("DEFAULT_FROM_EMAIL", named=True) == "Stages OIG <stages@exemple.ca>"
    assert services.address("MAIL_RETURN_ADDRESS") == ""


_PUBLIC_HALF = "02" + "a" * 64


def test_the_signing_keys_are_read_in_their_order_a_retired_one_by_its_public_half() -> None:
    keys = services.signing_keys(f" 2031:{'A' * 64}, 2029:{_PUBLIC_HALF} ,")
    assert list(keys.items()) == [("2031", "a" * 64), ("2029", _PUBLIC_HALF)]
    assert services.signing_keys("") == {}


@pytest.mark.parametrize(
    "text",
    [
        "a" * 64,
        f"2031:{'a' * 63}",
        f":{'a' * 64}",
        f"a:{'a' * 64},a:{'a' * 64}",
        f"2031:{_PUBLIC_HALF}",
        f"2031:{'0' * 64}",
        f"2031:{'f' * 64}",
    ],
    ids=["no name", "short", "empty name", "twice", "first is public", "zero", "beyond the curve's order"],
)
def test_a_signing_key_that_will_not_do_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="SIGNING_KEYS: ") as refused:
        services.signing_keys(text)
    assert "aaaa" not in str(refused.value)
