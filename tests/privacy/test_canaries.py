"""Every text about a person is a canary: after an erasure, none is left in database, files, logs, broker or cache.

The quick form reads every column of every table; the exhaustive one reads a dump, as `pg_dump` makes it, and every key
of Valkey, where a session of the person and the wakes of their mails are. Planting
changes what is chained and sealed: `retention/test_erasing.py` verifies an erasure without it.
"""

import logging
import re
import subprocess
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from django.core.cache import caches
from django.core.files.storage import default_storage
from django.db import connection, connections, transaction
from django.test import Client
from kombu import Connection
from pytest_django import Settings
from redis import Redis

from intake.accounts.models import AccountChange
from intake.devtools import embedded
from intake.devtools.embedded.postgres import binaries
from intake.documents.models import Upload
from intake.dossiers.models import Dossier, SignedReceipt
from intake.journal.chain import verify_chains
from intake.journal.models import Entry
from intake.journal.services import record
from intake.outbox import wake
from intake.outbox.models import Delivery
from intake.privacy.retention.erasing import ErasureReport, erase_due
from intake.privacy.retention.operations import lift_legal_hold
from intake.privacy.retention.queries import open_holds
from intake.settings import services
from intake.submissions.models import Submission
from tests.accounts.sign_in_steps import CONFIRM, ask, last_code
from tests.factories.everything import make_everything
from tests.factories.people import ANSWERS, make_administrator
from tests.factories.retention import every_period_over, let_every_period_pass
from tests.factories.review import make_filed
from tests.factories.submissions import make_open_offer
from tests.house.hostile import MARK, name_of
from tests.house.hostile_world import ANSWERS_GIVEN, _overwrite_what_is_left, make_hostile_world

KEPT = {
    "accounts.User.display_name": "a member of staff",
    "accounts.User.email": "the hostile one belongs to a candidate: it is asserted separately",
    "journal.Entry.detail": "codes, numbers and keys; one that names a person is erased, as the next test shows",
    **dict.fromkeys(
        (
            *("privacy.Incident.happened", "privacy.Incident.information", "privacy.Incident.circumstances"),
            *("privacy.Incident.concerned", "privacy.Incident.assessment", "privacy.IncidentUpdate.text"),
        ),
        "the register of incidents, which names no person, is never erased",
    ),
    "privacy.RetentionRule.reason": "why a period was set",
    "register.Removal.reason": "why a row of the register was removed",
    "review.ExportOrder.reason": "why a list was exported",
    "review.SavedView.name": "a name of a member of staff for a filter",
    "review.SavedView.query": "a filter",
    "review.Shortlist.reason": "why a list was frozen",
    "review.ShortlistExport.reason": "why a list was exported",
}
"""Texts of staff about no single person, each with what it is. Those that name a person are erased with it."""
OTHER_ADDRESS = "canari-autre@exemple.invalid"
PERSONAL = [str(ANSWERS[key]) for key in ("last_name", "phone", "address_line", "postal_code")]


def _tables() -> Iterator[str]:
    """Yield each row of each table, as text."""
    with connection.cursor() as cursor:
        names = [name for name in connection.introspection.table_names(cursor) if name != "django_migrations"]
        for name in names:
            cursor.execute(f'SELECT t::text FROM "{name}" t')  # noqa: S608 -- names of the catalogue
            yield from (f"{name} {row}" for (row,) in cursor.fetchall())


def _left(text: str) -> set[str]:
    """Return the names of the canaries about a person in `text`, and the personal answers in it."""
    names = {name_of(mark) for mark in re.findall(rf"{MARK}\d{{3}}", text)}
    about = {name for name in names if not name.startswith(("offers.", "clause.")) and name not in KEPT}
    return about | {value for value in PERSONAL if value in text}


def _named_files() -> set[str]:
    """Return the names of the stored files of people that a row names."""
    uploads = Upload.objects.values_list("original", "file", "thumbnail", "small_thumbnail")
    made = [*Dossier.objects.values_list("file"), *SignedReceipt.objects.values_list("file")]
    names = {str(name) for row in [*uploads, *made] for name in row}
    return {name for name in names if name and default_storage.exists(name)}


def _erase() -> ErasureReport:
    report = erase_due()
    assert report.anonymised == report.due > 5
    return report


@pytest.mark.django_db
def test_no_canary_is_left_after_an_erasure(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    make_everything()
    _overwrite_what_is_left()
    before = "\n".join(_tables())
    assert {*PERSONAL} <= _left(before)
    assert len(_left(before)) > len(PERSONAL) + 5
    files = _named_files()
    assert len(files) > 10
    let_every_period_pass()
    _erase()
    assert {row.partition(" ")[0]: _left(row) for row in _tables() if _left(row)} == {}
    assert [name for name in sorted(files) if default_storage.exists(name)] == []
    assert _left(caplog.text) == set()
    assert _left(str(vars(caches["default"]))) == set()


@pytest.mark.django_db
def test_a_note_that_names_an_erased_person_is_erased_before_the_others() -> None:
    """A file of the same offer is still kept, so that its meeting notes stay."""
    offer = make_open_offer()
    gone, kept = (make_filed(offer, last_name=name) for name in ("Zébulon-Lacanarie", "Autrenom"))
    staff = Submission.objects.get(pk=kept.pk).candidate
    with connection.cursor() as cursor:
        for text in ("M. ZEBULON LACANARIE : à revoir.", "Bonne séance."):
            cursor.execute(
                "INSERT INTO review_meetingnote (offer_id, text, author_id) VALUES (%s, %s, %s)",
                [offer.pk, text, staff.pk],
            )
    let_every_period_pass()
    with connection.cursor() as cursor:
        cursor.execute("SELECT erase_submission(%s)", [gone.pk])
        cursor.execute("SELECT text FROM review_meetingnote ORDER BY id")
        assert [text for (text,) in cursor.fetchall()] == ["Effacé", "Bonne séance."]


@pytest.mark.django_db
def test_a_journal_detail_that_names_an_erased_person_is_erased_in_a_valid_chain() -> None:
    gone = make_filed(make_open_offer(), last_name="Zébulon-Lacanarie")
    for detail in (f"from {gone.candidate.email}", "zebulon lacanarie", "version 3"):
        record(actor=None, action="SUBMISSION_OPENED", subject=gone, detail=detail)
    let_every_period_pass()
    erase_due()
    details = Entry.objects.filter(action="SUBMISSION_OPENED").order_by("pk").values_list("detail", flat=True)
    assert list(details) == ["", "", "version 3"]
    audit = verify_chains()
    assert (audit.differs, audit.anonymised) == (None, 2)


@pytest.fixture
def valkey(
    embedded_servers: embedded.Urls, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], str]]:
    """Cache and broker of this process on the run's Valkey; returns all that is stored there, as text."""
    settings.CACHES = services.caches(embedded_servers.cache)
    broker = Connection(embedded_servers.broker, transport_options=wake.PUBLISH_OPTIONS)
    monkeypatch.setattr(wake, "_connection", lambda: broker)
    wake.breaker.close()
    servers = [Redis.from_url(url) for url in (embedded_servers.broker, embedded_servers.cache)]
    yield lambda: "\n".join(line for server in servers for line in _stored(server))
    broker.release()
    for server in servers:
        server.close()


def _stored(server: Any) -> Iterator[str]:
    """Yield each key of a database of Valkey with its value, and what their base64 contains."""
    readers: dict[bytes, Callable[[bytes], Any]] = {
        b"string": server.get,
        b"list": lambda key: server.lrange(key, 0, -1),
        b"hash": server.hgetall,
        b"set": server.smembers,
        b"zset": lambda key: server.zrange(key, 0, -1),
    }
    for key in server.scan_iter(count=1000):
        kind: Any = server.type(key)
        text = f"{key!r} {readers[kind](key) if kind in readers else ''}"
        yield text
        for word in re.findall(r"[A-Za-z0-9+/_-]{16,}", text):
            padded = word.translate(str.maketrans("-_", "+/")) + "=" * (-len(word) % 4)
            with suppress(ValueError):
                yield b64decode(padded).decode(errors="replace")


@pytest.mark.full
@pytest.mark.django_db(transaction=True)
def test_no_canary_is_left_in_a_dump_of_the_database(embedded_servers: embedded.Urls) -> None:
    with transaction.atomic():
        world = make_hostile_world()
    files = _named_files()
    name = connections["default"].settings_dict["NAME"]
    address = embedded_servers.database_superuser.rpartition("/")[0] + f"/{name}"

    def dump() -> str:
        made = subprocess.run(
            [binaries() / "pg_dump", address], check=True, stdout=subprocess.PIPE, text=True
        )
        return made.stdout

    email = world.world.people["candidate"].email
    assert ANSWERS_GIVEN["last_name"][:12] in dump()
    with every_period_over():
        for hold in open_holds():
            lift_legal_hold(hold=hold, reason="Fin.", actor=make_administrator())
        _erase()
        of_staff = AccountChange.objects.get(person__is_staff=True)
        start = f"{of_staff.pk}\t{of_staff.kind}\t"
        left = [line for line in dump().splitlines() if _left(line) or email in line]
        left = [line for line in left if not line.startswith(start)]
        assert left == []
        assert [name for name in sorted(files) if default_storage.exists(name)] == []


@pytest.mark.full
@pytest.mark.django_db(transaction=True)
def test_no_canary_is_left_in_the_broker_or_the_cache(valkey: Callable[[], str]) -> None:
    with transaction.atomic():
        person = make_hostile_world().world.people["candidate"]
    client = Client()  # its session holds the address, and the one that is wanted
    ask(client, person.email)
    client.post(CONFIRM, {"code": last_code()})
    client.post("/securite/adresse/", {"email": OTHER_ADDRESS})
    wake.wake(delivery_id=Delivery.objects.order_by("pk")[0].pk, queue="mail")
    [token] = set(re.findall(rf"{MARK}\d{{3}}", person.email))  # the address has signs that JSON escapes
    stored = valkey()
    assert token in stored
    assert OTHER_ADDRESS in stored
    assert "intake.outbox.tasks.deliver_mail" in stored
    with every_period_over():
        for hold in open_holds():
            lift_legal_hold(hold=hold, reason="Fin.", actor=make_administrator())
        _erase()
        kept = valkey()
    assert _left(kept) == set()
    assert [word for word in (token, OTHER_ADDRESS) if word in kept] == []
