"""R9 (`docs/targets.md`): an application clock 36 hours wrong, either way, changes no decision, up to amendment."""

from collections.abc import Iterator
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
from django.db import transaction
from django.utils import timezone

from intake.devtools.deadline_drill.candidates import ReadyCandidate, sign_in
from intake.devtools.deadline_drill.web import web_server
from intake.outbox.models import Delivery
from intake.submissions.models import Filing, Submission
from offers.models import OfferExtension
from tests.factories.submissions import close_offer, make_draft, make_open_offer, without_triggers_on_offers
from tests.faults.figures_from_tests import runs, write_figures
from tests.faults.full_journey import (
    LASTING,
    Stopped,
    allowed_steps,
    extend_by_a_day,
    prepare_before_closing,
    run_full_journey,
)
from tests.faults.http_client import click

LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
SHIFTS = {"-36h": timedelta(hours=-36), "+0h": timedelta(0), "+36h": timedelta(hours=36)}
ANSWERS = {"open for an hour more": 302, "closed for an hour": 409, "opens in an hour": 409}
EXTENSIONS = {30 * 3600: 422, -3600: 302}
"""Seconds since an offer closed, and the status of its extension by a day: until six hours ago, or until tomorrow."""


@pytest.mark.full
@pytest.mark.skipif(not LIBRARIES, reason="libfaketime is not on this machine (Debian: faketime)")
@pytest.mark.usefixtures("served")
def test_a_wrong_application_clock_changes_no_acceptance() -> None:
    faults = []
    for _run in range(runs()):
        wrong = 0
        for shift, distance in SHIFTS.items():
            people, stopped = _people()
            clock = {
                "LD_PRELOAD": str(LIBRARIES[0]),
                "FAKETIME": shift,
                "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            }
            with web_server(processes=1, environment=clock) as address:
                for case, (submission, person) in people.items():
                    before = timezone.now()
                    answer = click(address, person)
                    shown = parsedate_to_datetime(answer.date) - before
                    assert abs(shown - distance) < timedelta(minutes=2), (
                        "its clock is not as wrong as it should be"
                    )
                    filed = Filing.objects.filter(submission=submission).first()
                    wrong += answer.status != ANSWERS[case]
                    wrong += (filed is not None) != (ANSWERS[case] == 302)
                    wrong += filed is not None and not before <= filed.received_at <= timezone.now()
                steps = run_full_journey(address, people["open for an hour more"][0].offer)
                steps += [step for one in stopped for step in allowed_steps(address, one)]
                assert not steps, f"clock {shift}: {steps}"
                wrong += sum(_extensions(address))
                # An attempt that failed is due again later: a long run meets the daily checks, and closings were moved.
                assert not Delivery.objects.filter(due_at__gt=timezone.now(), attempts=0).exists(), shift
        faults.append(wrong)
    write_figures(
        "R9",
        faults,
        target="application clock ± 36 h changes no decision",
        note=f"libfaketime in gunicorn alone; clocks {', '.join(SHIFTS)}; offers {', '.join(ANSWERS)}: one draft each; "
        "then, on each, begun, saved, given its files, read, filed and amended; extended by a day, until six hours "
        "ago or until tomorrow",
    )
    assert sum(faults) == 0


def _extensions(address: tuple[str, int]) -> Iterator[bool]:
    """Extend two offers by a day; yield for each whether its status, and whether its instant, is wrong."""
    for seconds_ago, expected in EXTENSIONS.items():
        offer = make_open_offer()
        close_offer(offer, seconds_ago=seconds_ago)
        before = timezone.now()
        answer = extend_by_a_day(address, offer)
        given = OfferExtension.objects.filter(offer=offer).first()
        yield answer.status != expected or (given is not None) != (expected == 302)
        yield given is not None and not before <= given.at <= timezone.now()


def _people() -> tuple[dict[str, tuple[Submission, ReadyCandidate]], list[Stopped]]:
    """Return a candidate with a draft on an open offer, one on a closed offer and one on a future offer.

    Each offer is within the error of the clock; sessions outlast it. Also return the drafts and filings of others on
    the last two offers.
    """
    offers = {case: make_open_offer() for case in ANSWERS}
    drafted = {case: make_draft(offer=offer) for case, offer in offers.items()}
    stopped = [prepare_before_closing(offers[case]) for case in ANSWERS if case != "open for an hour more"]
    close_offer(offers["open for an hour more"], seconds_ago=-3600)
    close_offer(offers["closed for an hour"], seconds_ago=3600)
    with transaction.atomic(), without_triggers_on_offers() as cursor:
        cursor.execute(
            "UPDATE offers_offer SET opens_at = clock_timestamp() + interval '1 hour' WHERE id = %s",
            [offers["opens in an hour"].pk],
        )
    people = {case: (draft.submission, sign_in(draft, lasting=LASTING)) for case, draft in drafted.items()}
    return people, stopped
