"""Least rights: what each role may do, and nothing more."""

import pytest

from intake.accounts.roles import Role
from tests.factories.people import make_staff

pytestmark = pytest.mark.django_db


def test_a_reviewer_reads_triages_and_marks() -> None:
    held = {
        name
        for name in make_staff(Role.REVIEWER).get_all_permissions()
        if name.split(".")[0] in {"submissions", "review", "offers", "outbox", "journal", "accounts"}
    }
    assert held == {
        "submissions.view_submission",
        "submissions.triage_submission",
        "review.assess_submission",
        "review.verify_finding",
    }


def test_staff_also_decide_export_and_seat_committees() -> None:
    held = make_staff(Role.STAFF).get_all_permissions()
    assert {
        "submissions.view_submission",
        "submissions.triage_submission",
        "submissions.decide_submission",
        "submissions.export_shortlist",
        "review.add_committeemember",
        "review.delete_committeemember",
        "offers.add_offer",
        "offers.change_offer",
        "offers.publish_offer",
        "outbox.view_delivery",
        "journal.view_entry",
    } <= held
    assert not {name for name in held if name.startswith(("submissions.delete", "submissions.change"))}
