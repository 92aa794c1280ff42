"""Registrations of `privacy` in the apps below it at start: jobs, the notice's mail, and the day of an erasure."""

from datetime import timedelta
from functools import partial

import pytest

from intake.outbox import kinds
from intake.outbox.messages import send_letter
from intake.privacy.retention import erasing, notices
from intake.privacy.retention.queries import erasure_day
from intake.submissions.timeline import queries

JOBS = {
    "ANONYMISE": (
        erasing.run_anonymise,
        "documents",
        timedelta(days=1),
        "Effacement de ce qui n’est plus conservé",
    ),
    "SESSIONS_PURGE": (
        erasing.purge_sessions,
        "mail",
        timedelta(hours=1),
        "Suppression des sessions expirées",
    ),
}


@pytest.mark.parametrize("code", JOBS)
def test_each_job_of_privacy_is_registered(code: str) -> None:
    kind = kinds.get(code)
    assert (kind.handler, kind.queue, kind.every, str(kind.label)) == JOBS[code]


def test_the_notice_of_an_erasure_is_registered() -> None:
    kind = kinds.get("ERASURE_NOTICE_MAIL")
    assert isinstance(kind.handler, partial)
    assert kind.handler.func is send_letter
    assert kind.handler.args == (notices.compose_notice,)
    assert kind.handler.keywords["is_obsolete"] == notices.is_notice_obsolete
    assert str(kind.label) == "Effacement prochain d’une candidature"


def test_the_page_of_a_submission_asks_the_schedule() -> None:
    assert queries._erasure_days == [erasure_day]
