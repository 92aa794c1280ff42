"""Parsing of other servers' delivery reports; no content of a report raises an error."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.outbox.reports import MAX_BYTES, MAX_WORDS, Action, Report, read_report
from tests.outbox.reporting import ABOUT, BOUNDARY, REFUSED, ending, report

ID = "<0b7c3c5e-0000-4000-8000-000000000001@stages.exemple.invalid>"
UNKNOWN = Report(ID, Action.FAILED, "5.1.1", REFUSED.removeprefix("smtp; "))


@pytest.mark.parametrize(
    "holds, about",
    [
        ("text/rfc822-headers", ABOUT),
        ("message/rfc822", ABOUT + "\nBonjour Camille,\n"),
        ("message/rfc822", ABOUT.replace("Message-ID", "MESSAGE-id") + "\nBonjour,\n"),
        ("text/rfc822-headers", "\n" + ABOUT),
        ("text/rfc822-headers", ABOUT.replace("Message-ID: ", "Message-ID:\n ")),
    ],
    ids=["its headers", "all of it", "in other letters", "after a blank line", "folded"],
)
def test_a_bounced_mail_is_identified_by_the_copy_in_the_report(holds: str, about: str) -> None:
    assert read_report(report(ID, holds=holds, about=about)) == UNKNOWN


def test_a_delivered_mail_is_read_from_its_report() -> None:
    raw = report(ID, ending(action="delivered", status="2.0.0", words="smtp; 250 2.0.0 OK"))
    assert read_report(raw) == Report(ID, Action.DELIVERED, "2.0.0", "250 2.0.0 OK")


@pytest.mark.parametrize("action", ["delayed", "relayed", "expanded", "", "lost"])
def test_a_report_without_a_final_outcome_is_ignored(action: str) -> None:
    assert read_report(report(ID, ending(action=action, status="4.4.1"))) is None


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\r\n\r\n",
        b"Subject: Absence\nAuto-Submitted: auto-replied\n\nJe suis absente.",
        report(ID).replace(b"multipart/report", b"multipart/mixed"),
        report(ID, holds="text/plain"),
        report(ID, about="Subject: sans identifiant\n"),
        report(ID, about=""),
        report(ID).replace(b"message/delivery-status", b"text/plain"),
        report(ID, first="x" * MAX_BYTES),
    ],
    ids=[
        "nothing",
        "blank lines",
        "an answer of somebody away",
        "another sort of mail",
        "no copy",
        "a copy without its identifier",
        "an empty copy",
        "no status",
        "a status beyond what is read",
    ],
)
def test_a_message_that_is_no_report_is_ignored(raw: bytes) -> None:
    assert read_report(raw) is None


@pytest.mark.parametrize(
    "status, words, code",
    [
        ("5.0.0", "smtp; 552 5.2.2 Over quota", "5.2.2"),
        ("", "smtp; 552-5.2.2 The recipient's inbox is out of storage", "5.2.2"),
        ("5.1.1", "smtp; 550 5.7.1 refused", "5.1.1"),
        ("5.2.2 (mailbox full)", "smtp; 552 full", "5.2.2"),
        ("failed", "smtp; no such user", ""),
        ("9.1.1", "", ""),
        ("4.4.7", "smtp; delivery time expired", "4.4.7"),
        ("5.0.0", "smtp; 550 [10.5.1.1] is blocked", "5.0.0"),
        ("5.0.0", "550 5.7.1 refused; see a page", "5.7.1"),
    ],
)
def test_the_most_precise_status_code_is_read(status: str, words: str, code: str) -> None:
    found = read_report(report(ID, ending(status=status, words=words)))
    assert found is not None
    assert found.code == code


@pytest.mark.parametrize(
    "change",
    [
        lambda raw: b"From MAILER-DAEMON Wed Sep  1 10:00:00 2027\n" + raw,
        lambda raw: raw.replace(b"Action: failed", b"Action: Failed (for good)"),
        lambda raw: raw.replace(b"Reporting-MTA: dns; mx.exemple.invalid\n\n", b""),
        lambda raw: (
            b"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=dehors\n\n--dehors\n"
            + raw
            + b"\n--dehors\nContent-Type: text/plain\n\nAvis.\n--dehors--\n"
        ),
        lambda raw: b"In-Reply-To: " + ID.encode() + b"\n" + raw.replace(b"Message-ID", b"X-Kept"),
        lambda raw: raw.replace(b"\n", b"\r\n"),
    ],
    ids=["as a mailbox keeps it", "a comment", "one group", "in another mail", "no copy, an answer", "CRLF"],
)
def test_a_report_in_another_form_is_unknown(change: Callable[[bytes], bytes]) -> None:
    assert read_report(change(report(ID))) == UNKNOWN


def test_the_instant_of_acceptance_by_the_server_is_read() -> None:
    at = datetime(2027, 9, 1, 14, 0, tzinfo=UTC)
    found = read_report(report(ID, arrived=at))
    assert found is not None
    assert found.taken_at == at
    for wrong in (b"hier", b"Wed, 99 Sep 2027 10:00:00 -0400", b"Wed, 1 Sep 2027 10:00:00 -0000"):
        raw = report(ID, arrived=at).replace(b"Wed, 01 Sep 2027 14:00:00 +0000", wrong)
        assert read_report(raw) == UNKNOWN, wrong


@pytest.mark.parametrize(
    "raw, found",
    [
        *(
            (b"Content-Type: multipart/report; " + parameter + b"\n\nx\n", None)
            for parameter in (
                b"boundary*=undefined''x",
                b"boundary*=idna''x",
                b"boundary*=a\0b''x",
                b"boundary*" + b"9" * 5000 + b"=x",
            )
        ),
        *(
            (report(ID).replace(b"text/rfc822-headers", b"text/rfc822-headers; charset=" + name), UNKNOWN)
            for name in (b"undefined", b"idna")
        ),
        (report(ID).replace(b"text/plain; charset=utf-8", b"text/plain; charset=undefined"), UNKNOWN),
        (b"Content-Type: message/rfc822\n\n" * 1200, None),
    ],
)
def test_a_report_that_the_library_cannot_parse_raises_no_error(raw: bytes, found: Report | None) -> None:
    assert read_report(raw) == found


@pytest.mark.parametrize(
    "raw",
    [
        b"Content-Type: multipart/report; " + b";" * 2 * MAX_BYTES,
        b"".join(b"Content-Type: multipart/mixed; boundary=%d\n\n--%d\n" % (n, n) for n in range(900))
        + b"x\n" * MAX_BYTES,
    ],
    ids=["parameters", "parts"],
)
def test_no_report_takes_long_to_parse(raw: bytes) -> None:
    began = time.process_time()
    assert read_report(raw) is None
    assert time.process_time() - began < 60


def test_a_failed_recipient_outweighs_a_successful_one() -> None:
    arrived = ending(action="delivered", status="2.0.0", words="smtp; 250 OK")
    for endings in ((arrived, ending()), (ending(), arrived)):
        assert read_report(report(ID, *endings)) == UNKNOWN


def test_the_text_of_a_report_is_one_printable_line_of_limited_length() -> None:
    raw = report(ID, ending(words="smtp; 550 non\x00\x1b[31m\n  vraiment" + " non" * 1000))
    found = read_report(raw.replace(b"550 non", b"550 non \xff\xfe"))
    assert found is not None
    assert found.words.startswith("550 non")
    assert "vraiment non non" in found.words
    assert len(found.words) == MAX_WORDS
    assert found.words.isprintable()
    found.words.encode("utf-8")


@given(st.binary(max_size=300), st.integers(0, 2000), st.integers(0, 400))
def test_no_report_raises_an_error(noise: bytes, start: int, length: int) -> None:
    whole = report(ID)
    found = read_report(whole[:start] + noise + whole[start + length :])
    assert found is None or found.message_id.isprintable()
    read_report(noise)


@given(st.text(alphabet=f"{BOUNDARY}-:; \n\t<>@.0123456789abcdefContent-Type/mulrpagsv", max_size=400))
def test_no_malformed_header_raises_an_error(text: str) -> None:
    assert read_report(b"Content-Type: multipart/report; " + text.encode()) is None
