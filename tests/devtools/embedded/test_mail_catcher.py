"""The SMTP server of make run."""

import datetime as dt
import email
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import default as default_policy
from pathlib import Path

import pytest

from intake.devtools.embedded.keeper import free_port
from intake.devtools.embedded.mail_catcher import file_name


@pytest.fixture
def catcher(tmp_path: Path) -> Iterator[tuple[int, "subprocess.Popen[str]"]]:
    """A catcher that writes to `tmp_path`, and its port."""
    port = free_port()
    command = [sys.executable, "-u", "-m", "intake.devtools.embedded.mail_catcher", "--port", str(port)]
    with subprocess.Popen(
        [*command, "--directory", str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as process:
        give_up_at = time.monotonic() + 15
        while time.monotonic() < give_up_at:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield port, process
        process.terminate()
    assert process.returncode == 0


def message(subject: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "ne-pas-repondre@portail.invalid"
    mail["To"] = "camille.roy@exemple.invalid"
    mail["Subject"] = subject
    mail.set_content("Bonjour,\n.\nvotre candidature est déposée.\n")
    mail.add_attachment(
        b"%PDF-1.7\n" + bytes(range(256)), maintype="application", subtype="pdf", filename="dossier.pdf"
    )
    return mail


def test_each_message_becomes_a_readable_file(
    catcher: tuple[int, "subprocess.Popen[str]"], tmp_path: Path
) -> None:
    port, process = catcher
    with smtplib.SMTP("127.0.0.1", port, local_hostname="localhost", timeout=10) as smtp:
        smtp.send_message(message("Accusé de réception n° 2027-020-000001-K"))
        smtp.send_message(message("Votre dossier"))
    first, second = sorted(tmp_path.glob("*.eml"))
    assert first.name.endswith("Z_camille.roy@exemple.invalid_Accuse-de-reception-n-2027-020-000001-K.eml")
    assert second.name.endswith("_Votre-dossier.eml")
    read = email.message_from_bytes(first.read_bytes(), policy=default_policy)
    assert isinstance(read, EmailMessage)
    body = read.get_body(("plain",))
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == "Bonjour,\n.\nvotre candidature est déposée.\n"
    [attachment] = read.iter_attachments()
    assert attachment.get_content() == b"%PDF-1.7\n" + bytes(range(256))
    assert process.stdout is not None
    assert (
        process.stdout.readline()
        == "✉ camille.roy@exemple.invalid — Accusé de réception n° 2027-020-000001-K\n"
    )
    assert process.stdout.readline() == f"  {first}\n"


def test_a_file_name_has_plain_letters_and_a_maximum_length() -> None:
    name = file_name(
        "../../é « x »\n" + "long " * 100, "a/b@exemple.invalid", at=dt.datetime(2027, 1, 2, tzinfo=dt.UTC)
    )
    assert name.startswith("20270102T000000.000000Z_a-b@exemple.invalid_e-x-long")
    assert "/" not in name
    assert len(name) < 160
