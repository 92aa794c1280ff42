"""`manage.py deadline_drill`: a real gunicorn at a real closing instant, and how its counts report faults."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from intake.devtools.deadline_drill.candidates import ReadyCandidate
from intake.devtools.deadline_drill.results import Clocks, count_results, faults
from intake.devtools.deadline_drill.web import ClientOutcome, FilingAttempt
from intake.submissions.models import Filing, Receipt, Submission
from offers.models import Offer
from tests.database_roles import as_owner
from tests.factories.submissions import close_offer, make_draft, make_filing, make_open_offer

CONTRACT = (
    *("attempted", "accepted", "refused_late", "late_accepted", "on_time_refused", "lost", "double"),
    *("receipts", "p50_ms", "p99_ms", "send_to_received_p99_ms"),
)


@pytest.mark.usefixtures("served")
@pytest.mark.full  # it waits for a closing
def test_clicks_before_the_closing_file_and_later_ones_do_not() -> None:
    said = StringIO()
    call_command(
        "deadline_drill",
        "--submissions",
        "12",
        "--spread",
        "1.5",
        "--processes",
        "1",
        stdout=said,
        stderr=StringIO(),
    )
    found = json.loads(said.getvalue())
    assert list(found)[: len(CONTRACT)] == list(CONTRACT)
    assert found["attempted"] == found["accepted"] + found["refused_late"] == 12
    assert found["accepted"] == found["receipts"] == Receipt.objects.count()
    assert found["refused_late"] > 0
    offer = Offer.objects.get(number__startswith="EX-")
    assert not offer.listed
    assert not Filing.objects.filter(received_at__gte=offer.closes_at).exists()
    assert Submission.objects.filter(candidate__email__endswith=".invalid").count() == 12


# -- Faults in the counts -------------------------------------------------------------------------------------------
HERE = 1000.0
FAULTS = ("late_accepted", "on_time_refused", "lost", "double")


def counted(offer: Offer, *clicks: tuple[Submission, float, float, ClientOutcome]) -> dict[str, Any]:
    """Count clicks whose times are in seconds relative to the closing instant."""
    offer.refresh_from_db()
    clocks = Clocks(offer.closes_at, HERE, 0.001)
    return count_results(
        offer=offer,
        clocks=clocks,
        clicks=[
            FilingAttempt(
                ReadyCandidate(submission.pk, "", "", ""),
                sent=HERE + sent,
                reached=HERE + sent,
                answered=HERE + answered,
                settled=HERE + answered,
                told=told,
                tries=1,
            )
            for submission, sent, answered, told in clicks
        ],
    )


@pytest.mark.django_db
def test_each_fault_is_counted() -> None:
    offer = make_open_offer()
    filed = make_filing(offer=offer).filing.submission
    drafted = make_draft(offer=offer).submission
    close_offer(offer, seconds_ago=-60)
    for submission, sent, answered, told, fault in (
        (filed, -1, -0.5, ClientOutcome.RECEIPT, None),
        (drafted, 0.5, 1, ClientOutcome.LATE, None),
        (
            drafted,
            -0.5,
            0.1,
            ClientOutcome.LATE,
            None,
        ),  # it waited for a worker: counted, and not a wrong decision
        (drafted, -1, -0.5, ClientOutcome.LATE, "on_time_refused"),
        (drafted, -1, -0.5, ClientOutcome.RECEIPT, "lost"),
        (drafted, -1, -0.5, ClientOutcome.NOTHING_CLEAR, "lost"),
        (drafted, -1, -0.5, ClientOutcome.NOT_FILED, "lost"),
        (filed, -1, 0.5, ClientOutcome.LATE, "lost"),
        (filed, 0.5, 1, ClientOutcome.RECEIPT, "late_accepted"),
    ):
        clicks = [(filed, -1.0, -0.5, ClientOutcome.RECEIPT)] if submission == drafted else []
        said = counted(offer, *clicks, (submission, sent, answered, told))
        found = {name: said[name] for name in FAULTS if said[name]}
        assert found == ({fault: 1} if fault else {}), said
        assert (faults(said) > 0) is (fault is not None), said
    assert counted(offer, (drafted, -0.5, 0.1, ClientOutcome.LATE))["sent_in_time_refused"] == 1
    assert counted(offer, (drafted, 0.5, 1, ClientOutcome.LATE))["sent_in_time_refused"] == 0


@pytest.mark.usefixtures("served")
@pytest.mark.full
def test_a_press_that_waits_is_followed_to_its_receipt() -> None:
    said = StringIO()
    call_command(
        *("deadline_drill", "--submissions", "40", "--spread", "0.3", "--processes", "1"),
        stdout=said,
        stderr=StringIO(),
    )
    found = json.loads(said.getvalue())
    assert found["sent_in_time_refused"] == found["late_accepted"] == found["lost"] == 0
    assert found["arrived"] > 0
    assert found["accepted"] == found["receipts"]


@pytest.mark.django_db
def test_a_filing_received_after_closing_and_a_second_one_are_counted() -> None:
    offer = make_open_offer()
    filing = make_filing(offer=offer).filing
    clicks = (filing.submission, -1, -0.5, ClientOutcome.RECEIPT)
    close_offer(offer, seconds_ago=0.0)
    assert counted(offer, clicks)["late_accepted"] == 1
    close_offer(offer, seconds_ago=-60)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE submissions_filing DISABLE TRIGGER USER")
    seal = make_filing(offer=make_open_offer()).filing.seal
    with as_owner():
        Filing.objects.filter(seal=seal).update(submission=filing.submission, sequence=2, replaces=filing)
    said = counted(offer, clicks)
    assert (said["double"], said["receipts"]) == (1, 2)
    assert faults(said) > 0


# -- Refusals --------------------------------------------------------------------------------------------------------
def test_the_drill_is_refused_where_people_may_be_real(settings: Settings) -> None:
    settings.SYNTHETIC_PEOPLE = False
    with pytest.raises(CommandError, match="real people") as refused:
        call_command("deadline_drill", "--submissions", "1")
    assert refused.value.returncode == 2


@pytest.mark.parametrize(
    "options",
    [
        ["--submissions", "0"],
        ["--submissions", "many"],
        ["--submissions", "1", "--spread", "-1"],
        ["--submissions", "1", "--spread", "nan"],
        ["--submissions", "1", "--url", "ftp://ailleurs.invalid"],
        ["--submissions", "1", "--url", "http://127.0.0.1:port"],
    ],
)
def test_invalid_options_are_refused_before_any_row_is_written(options: list[str]) -> None:
    with pytest.raises(CommandError, match=options[-2]):
        call_command("deadline_drill", *options)
