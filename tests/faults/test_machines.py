"""The relays between machines, and the figures of their rushes."""

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from tests.faults import several_machines
from tests.faults.machines import Relay
from tests.faults.mailbox import Arrival
from tests.faults.several_machines import Press, Rush


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


def test_the_figures_of_a_rush_are_those_of_each_phase() -> None:
    def press(phase: str, at: float, seconds: float, tries: int = 1) -> Press:
        person: Any = SimpleNamespace(email=f"{at}@exemple.invalid")
        return Press(person, phase, at, seconds, tries, answered=True)

    presses = [
        press("before", 10, 0.1),
        press("before", 11, 1),
        press("during", 12, 4, 3),
        replace(press("after", 20, 60), paused=True),
        press("after", 21, 0.2),
    ]
    mails = {"one": [Arrival("11@exemple.invalid", 11.5)], "two": [Arrival("12@exemple.invalid", 17)]}
    portal: Any = SimpleNamespace(mailbox=SimpleNamespace(everything=lambda: mails))
    before, during, after = several_machines._figures(portal, Rush("pooler killed", presses))
    assert (before["presses"], before["rate"], before["answer"], before["receipt"]) == (
        2,
        1.0,
        [0.1, 1],
        [0.5, 0.5],
    )
    assert (during["presses"], during["again"], during["rate"], during["receipt"]) == (1, 1, 0.25, [5, 5])
    assert (after["presses"], after["counted"], after["answer"], after["receipt"]) == (
        2,
        1,
        [0.2, 0.2],
        [0, 0],
    )
    found = {
        "figures": [before, during, after],
        "filings": 4,
        "violations": ["lost: one"],
        "twice": 0,
        "attested": 4,
        "processor_milliseconds": {"web": 12.5},
        "pauses": [83.0],
        "sessions": 9,
    }
    shown = several_machines.table(found)
    assert "| pooler killed | during | 1 (1) | 1 | 0.25 | 4, 4 | 5, 5 |" in shown
    assert "4 filings, 1 violations" in shown
    assert shown.endswith("web 12.5\nlost: one\n")
