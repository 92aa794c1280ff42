"""The relays between machines, and the figures of their rushes."""

import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from intake.outbox.models import Delivery
from tests.factories.submissions import make_draft, make_filing
from tests.faults import outcome_check, r15_several_machines, several_machines
from tests.faults.machines import Relay
from tests.faults.mailbox import Mailbox
from tests.faults.measuring import Measured, Options
from tests.faults.people import Person
from tests.faults.several_machines import QUIET, Press, Rush


class Echo:
    """A server that answers what it gets, after its name."""

    def __init__(self, name: bytes) -> None:
        self._name = name
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with self._listener:
            client, _address = self._listener.accept()
            self._answer(client)

    def _answer(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            while data := client.recv(100):
                client.sendall(self._name + data)


@pytest.fixture
def relay() -> Iterator[Relay]:
    made = Relay(Echo(b"one ").port)
    yield made
    made.close()


def _ask(connection: socket.socket, text: bytes) -> bytes:
    connection.sendall(text)
    return connection.recv(100)


def _connect(relay: Relay) -> socket.socket:
    return socket.create_connection(("127.0.0.1", relay.port), timeout=0.4)


def test_a_relay_passes_bytes_until_it_is_cut_and_then_keeps_connections_silent(relay: Relay) -> None:
    with _connect(relay) as before:
        assert _ask(before, b"a") == b"one a"
        relay.cut()
        with pytest.raises(TimeoutError):
            _ask(before, b"b")
        with _connect(relay) as meanwhile, pytest.raises(TimeoutError):
            _ask(meanwhile, b"c")


def test_a_mended_relay_ends_old_connections(relay: Relay) -> None:
    with _connect(relay) as before:
        assert _ask(before, b"a") == b"one a"
        relay.cut()
        before.sendall(b"lost")
        relay.mend(Echo(b"two ").port)
        assert before.recv(100) == b""
    with _connect(relay) as after:
        assert _ask(after, b"d") == b"two d"


@pytest.fixture
def measured_with(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Measured]:
    """Measure R15 of rushes that did not run, by their presses. Other records than filings and mails are in order."""
    for check in ("broken_invariants", "broken_uploads", "broken_receipts"):
        monkeypatch.setattr(outcome_check, check, lambda _of=None: [])
    for check in ("files_without_row", "broken_log"):
        monkeypatch.setattr(outcome_check, check, list)
    monkeypatch.setattr(outcome_check, "mail_seconds", lambda *_of: 0.1)
    portal: Any = SimpleNamespace(mailbox=Mailbox(), fell=[])

    def measure(*presses: Press, rows: Iterable[str] = ()) -> Measured:
        rush = Rush(QUIET, list(presses), rows=list(rows))

        def run(_folder: Path, **_size: object) -> dict[str, Any]:
            outcome = several_machines.judge(portal, [rush])
            counts = {"filings": outcome.filings, "violations": outcome.violations}
            figures: dict[str, Any] = {"figures": [], "processor_milliseconds": {}, "pauses": []}
            return counts | figures | {"twice": 0, "attested": 0, "sessions": 0}

        monkeypatch.setattr(r15_several_machines, "run", run)
        options = Options(kills=0, seed=1, lanes=1, smoke=True, folder=tmp_path)
        return r15_several_machines.measure(options)["R15"]

    return measure


def _press_of(draft_id: int, email: str, *, answered: bool = True) -> Press:
    person = Person(port=1, draft_id=draft_id, email=email, path="/", cookies="", seen="")
    return Press(person, "during", 100.0, 1.0, 2, answered)


@pytest.mark.django_db
def test_a_lost_filing_fails_the_measure_of_several_machines(measured_with: Callable[..., Measured]) -> None:
    filing, draft = make_filing().filing, make_draft()
    Delivery.objects.update(state=Delivery.State.DONE, done_at=timezone.now())
    assert filing.draft_id is not None
    kept = _press_of(filing.draft_id, filing.submission.candidate.email)
    lost = _press_of(draft.pk, "perdue@exemple.invalid")
    silent = _press_of(draft.pk, "muette@exemple.invalid", answered=False)
    for found, value, said in (
        (measured_with(kept), 0, "1 filings, 0 violations"),
        (measured_with(kept, lost), 1, "lost: perdue@exemple.invalid (nothing) was told that it was filed"),
        (measured_with(kept, silent), 1, "unanswered: muette@exemple.invalid"),
        (measured_with(kept, rows=["a_filing_has_one_receipt"]), 1, "broken after nothing: a_filing_has_one"),
    ):
        assert (found["value"], found["holds"]) == (value, not value)
        assert said in found["note"]
