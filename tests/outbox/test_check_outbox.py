"""`manage.py check_outbox`."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from intake.outbox.models import Delivery
from tests.outbox.conftest import post

pytestmark = [pytest.mark.usefixtures("registry"), pytest.mark.django_db]


def check(*arguments: str) -> tuple[int, dict[str, object]]:
    out, status = StringIO(), 0
    try:
        call_command("check_outbox", *arguments, stdout=out, stderr=StringIO())
    except SystemExit as stopped:
        status = int(str(stopped.code))
    return status, json.loads(out.getvalue())


def test_an_empty_outbox_passes_the_check() -> None:
    status, found = check()
    assert status == 0
    assert found == {
        "pending": 0,
        "leased": 0,
        "dead": 0,
        "older": 0,
        "older_than": 60,
        "oldest_seconds": None,
    }


@pytest.mark.parametrize("state", ["PENDING", "DEAD"])
def test_a_delivery_older_than_the_given_age_fails_the_check(state: str) -> None:
    post(at=timezone.now() - timedelta(seconds=90))
    Delivery.objects.update(state=state)
    assert check()[0] == 1
    assert check("--older-than", "120")[0] == 0
    assert check()[1][state.lower()] == 1


def test_a_done_delivery_is_not_counted() -> None:
    post(at=timezone.now() - timedelta(seconds=90))
    Delivery.objects.update(state="DONE", done_at=timezone.now())
    status, found = check()
    assert (status, found["pending"], found["older"], found["oldest_seconds"]) == (0, 0, 0, None)


@pytest.mark.parametrize("text", ["-1", "soon", "1.5", "9" * 14, "9" * 5000])
def test_an_age_that_is_not_a_number_is_refused(text: str) -> None:
    with pytest.raises(CommandError, match="older-than"):
        call_command("check_outbox", "--older-than", text)
