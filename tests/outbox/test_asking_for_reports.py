"""Delivery reports are requested for each mail, if the mail server supports them, to the address that reads them."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from pytest_django import Settings

from intake.outbox import tasks
from intake.outbox.models import Delivery
from intake.settings.services import mailer
from tests.outbox.conftest import AT, post

pytestmark = pytest.mark.django_db


class _Conversation(socketserver.StreamRequestHandler):
    """A mail server that accepts everything and lists its extensions after the greeting."""

    server: "_Server"

    def handle(self) -> None:
        self.wfile.write(b"220 serveur.invalid\r\n")
        for line in self.rfile:
            said = line.decode().strip()
            self.server.heard.append(said)
            verb = said.split(" ")[0].upper()
            if verb == "EHLO":
                lines = ["serveur.invalid", *self.server.can, "8BITMIME"]
                *others, last = lines
                self.wfile.write("".join(f"250-{one}\r\n" for one in others).encode())
                self.wfile.write(f"250 {last}\r\n".encode())
            elif verb == "DATA":
                self.wfile.write(b"354 \r\n")
                letter = []
                for content in self.rfile:
                    if content == b".\r\n":
                        break
                    letter.append(content.decode())
                self.server.letters.append("".join(letter))
                self.wfile.write(b"250 taken\r\n")
            elif verb == "QUIT":
                self.wfile.write(b"221 \r\n")
                return
            else:
                self.wfile.write(b"250 \r\n")


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, *can: str) -> None:
        self.can, self.heard, self.letters = can, list[str](), list[str]()
        super().__init__(("127.0.0.1", 0), _Conversation)


@contextmanager
def _serving(*can: str) -> Iterator[_Server]:
    with _Server(*can) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def _send(server: _Server, settings: Settings, *, returns: str) -> None:
    url = f"smtp://127.0.0.1:{server.server_address[1]}"
    settings.MAIL_RETURN_ADDRESS = returns
    settings.DEFAULT_FROM_EMAIL = "Stages <stages@portail.invalid>"
    settings.MAILERS = settings.MAILERS | {"default": mailer(url, reported=bool(returns))}
    delivery = post(kind="TEST_MAIL", at=AT - timedelta(days=365 * 50))
    tasks.deliver(delivery.pk)
    assert Delivery.objects.get().state == Delivery.State.DONE


@pytest.mark.usefixtures("registry")
@pytest.mark.parametrize(
    "can, returns, sender, recipient",
    [
        (
            ("DSN",),
            "retours@portail.invalid",
            "<retours@portail.invalid> RET=HDRS",
            " NOTIFY=SUCCESS,FAILURE",
        ),
        ((), "retours@portail.invalid", "<retours@portail.invalid>", ""),
        (("DSN",), "", "<stages@portail.invalid>", ""),
    ],
    ids=["a server that reports", "one that does not", "nobody reads them"],
)
def test_delivery_reports_are_requested_from_a_server_that_supports_them(
    settings: Settings, can: tuple[str, ...], returns: str, sender: str, recipient: str
) -> None:
    with _serving(*can) as server:
        _send(server, settings, returns=returns)
    said = {line.partition(":")[0].lower(): line.partition(":")[2] for line in server.heard if ":" in line}
    assert said == {"mail from": sender, "rcpt to": f"<camille@exemple.invalid>{recipient}"}
    (letter,) = server.letters
    assert "\nFrom: Stages <stages@portail.invalid>\r\n" in f"\n{letter}"
