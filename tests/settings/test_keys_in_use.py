"""All processes have the same keys, or do not start; a key is replaced while they run."""

import secrets
from collections.abc import Callable
from datetime import timedelta
from time import monotonic

import pytest
from django.conf import settings as configured
from django.db import connection, transaction
from django.db.models import F
from pytest_django import Settings

from intake.devtools import embedded
from intake.operations.readiness import make_probes
from intake.outbox.heartbeats import Heart
from intake.outbox.keys_in_use import find_other_key
from intake.outbox.models import KeyInUse
from intake.outbox.policy import SILENT_SECONDS
from intake.signing.services import known_keys
from tests.settings.environment import NEEDED, REST, run

ONE, OTHER = secrets.token_hex(32), secrets.token_hex(32)


@pytest.fixture(autouse=True)
def _no_process(db: None) -> None:
    """No process has run: those of other tests have left their signs."""
    del db
    KeyInUse.objects.all().delete()


def _start() -> str:
    with connection.cursor() as cursor:
        return find_other_key(cursor)


def _pass(seconds: int) -> None:
    KeyInUse.objects.update(seen_at=F("seen_at") - timedelta(seconds=seconds))


@pytest.mark.django_db
@pytest.mark.parametrize("variable", ["SECRET_KEY", "JOURNAL_KEYS", "REGISTER_KEYS", "SECOND_FACTOR_KEYS"])
def test_a_process_with_another_key_than_those_that_run_does_not_start(
    settings: Settings, variable: str
) -> None:
    def have(secret: str) -> None:
        setattr(settings, variable, secret if variable == "SECRET_KEY" else {"2031": secret})

    have(ONE)
    assert _start() == ""
    have(OTHER)
    assert _start() == variable
    assert _start() == variable  # a supervisor starts it again: it is not yet one of those that run
    have(ONE)
    assert _start() == ""
    have(OTHER)
    _pass(SILENT_SECONDS)
    assert _start() == ""  # all of the others have ended


@pytest.mark.django_db
def test_a_web_server_needs_the_public_half_of_the_key_that_signs(
    settings: Settings,
) -> None:
    settings.SIGNING_KEYS = {"2031": "1" + ONE[1:].replace("f", "e")}
    assert _start() == ""
    (key,) = known_keys().keys.values()
    settings.SIGNING_KEYS = {"2031": f"{2 + key.point[-1] % 2:02x}{key.point[1:33].hex()}"}
    assert _start() == ""
    settings.SIGNING_KEYS = {"2031": "1" + OTHER[1:].replace("f", "e")}
    assert _start() == "SIGNING_KEYS"


@pytest.mark.django_db
def test_processes_with_the_old_and_the_new_key_start_during_a_rotation(
    settings: Settings,
) -> None:
    settings.SECRET_KEY = ONE
    assert _start() == ""
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OTHER, [ONE]
    assert _start() == ""
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = ONE, []
    assert _start() == ""  # one of the old ones was killed and started again
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OTHER, [ONE]
    _pass(SILENT_SECONDS)
    assert _start() == ""
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = ONE, []
    assert _start() == "SECRET_KEY"  # forgotten on one machine: it would not read what the new ones sign


def _ask_whether_ready() -> None:
    (probe,) = [each for each in make_probes() if each.name == "keys"]
    probe.start()
    probe.answer(until=monotonic() + 5)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("sign", [Heart("sweeper").beat, _ask_whether_ready], ids=["a sweep", "a web server"])
def test_keys_stay_in_use_as_long_as_a_process_runs(settings: Settings, sign: Callable[[], None]) -> None:
    with transaction.atomic():
        assert _start() == ""
    _pass(SILENT_SECONDS - 1)
    sign()
    _pass(2)
    settings.SECRET_KEY += "0"
    with transaction.atomic():
        assert _start() == "SECRET_KEY"


@pytest.mark.django_db
def test_the_database_has_nothing_of_a_secret(settings: Settings) -> None:
    settings.SIGNING_KEYS = {"2031": "1" + ONE[1:].replace("f", "e")}
    assert _start() == ""
    named = (configured.JOURNAL_KEYS, configured.REGISTER_KEYS, configured.SECOND_FACTOR_KEYS)
    secret = [
        configured.SECRET_KEY,
        *settings.SIGNING_KEYS.values(),
        *(s for keys in named for s in keys.values()),
    ]
    kept = " ".join(KeyInUse.objects.values_list("fingerprint", flat=True))
    assert KeyInUse.objects.count() == len(secret)
    assert not [each for each in secret if each[:8] in kept]


@pytest.mark.servers
@pytest.mark.django_db(transaction=True)
def test_a_second_web_server_with_another_secret_key_names_it_in_one_line(
    embedded_servers: embedded.Urls,
) -> None:
    name = connection.settings_dict["NAME"]
    address = f"{embedded_servers.database.rpartition('/')[0]}/{name}"
    web = ("-c", "from intake.startup_checks import *; read_settings(); check_settings_complete('WEB')")
    variables = NEEDED | REST | {"DATABASE_URL": address}
    assert run(*web, **variables).returncode == 0
    rotated = variables | {"SECRET_KEY": OTHER}
    answer = run(*web, **rotated)
    assert answer.returncode == 1
    assert answer.stderr == (
        "intake: not serving: SECRET_KEY is not that of another process, which runs or ended less than 60 s ago: give "
        "the same to all, or keep the older one in SECRET_KEY_FALLBACKS (docs/operations/keys.md says how)\n"
    )
    assert run(*web, **rotated, SECRET_KEY_FALLBACKS=variables["SECRET_KEY"]).returncode == 0
