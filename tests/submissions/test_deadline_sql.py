"""What the application's own role cannot do with raw SQL: file late, edit or delete what was filed."""

from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from intake.dossiers.payload import Payload
from intake.dossiers.services import seal_payload
from intake.submissions.models import Receipt
from intake.submissions.services import file_draft
from tests.factories.submissions import (
    ALL_DECLARATIONS,
    close_offer,
    make_draft,
    make_filing,
    make_open_offer,
)

type AppConnection = psycopg.Connection[tuple[Any, ...]]

pytestmark = pytest.mark.django_db(transaction=True)

_FILE = (
    "INSERT INTO submissions_filing (submission_id, sequence, draft_id, seal_id, received_at)"
    " VALUES (%s, 1, %s, %s, %s) RETURNING id, received_at"
)


@pytest.fixture
def receipt() -> Receipt:
    return make_filing()


def _spare_seal(receipt: Receipt) -> int:
    payload = Payload.parse(receipt.filing.seal.canonical or "")
    return seal_payload(payload=payload, at=timezone.now()).pk


@pytest.mark.parametrize(
    "table",
    [
        "submissions_filing",
        "submissions_fileddocument",
        "submissions_receipt",
        "submissions_verdict",
        "submissions_transition",
        "submissions_reviewrequest",
        "submissions_ruling",
        "dossiers_seal",
        "dossiers_signedreceipt",
        "dossiers_remadereceipt",
        "dossiers_lostdossier",
        "journal_entry",
    ],
)
@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET id = id + 1000", "DELETE FROM {}", "TRUNCATE {} CASCADE"]
)
def test_append_only_rows_are_out_of_reach(
    receipt: Receipt, app_connection: AppConnection, table: str, statement: str
) -> None:
    assert receipt.pk
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        app_connection.execute(statement.format(table))


def test_a_filing_one_second_after_closing_is_refused(
    receipt: Receipt, app_connection: AppConnection
) -> None:
    draft = make_draft()
    close_offer(draft.submission.offer, seconds_ago=1)
    with pytest.raises(psycopg.errors.CheckViolation) as refused:
        app_connection.execute(_FILE, [draft.submission_id, draft.pk, _spare_seal(receipt), "2001-01-01"])
    assert refused.value.diag.constraint_name == "filing_is_received_before_closing"


def test_a_filing_before_opening_is_refused(receipt: Receipt, app_connection: AppConnection) -> None:
    draft = make_draft()
    later = make_open_offer(opens_at=timezone.now() + timedelta(days=1))
    app_connection.execute(
        "UPDATE submissions_submission SET offer_id = %s WHERE id = %s", [later.pk, draft.submission_id]
    )
    with pytest.raises(psycopg.errors.CheckViolation) as refused:
        app_connection.execute(_FILE, [draft.submission_id, draft.pk, _spare_seal(receipt), None])
    assert refused.value.diag.constraint_name == "filing_is_made_on_an_open_offer"


def test_a_transaction_begun_in_time_may_not_commit_a_minute_late() -> None:
    draft = make_draft()
    with pytest.raises(IntegrityError, match="more than 60 s after closing"), transaction.atomic():
        file_draft(draft=draft, actor=draft.submission.candidate, declarations=ALL_DECLARATIONS)
        # As if 61 seconds had gone by between the filing and the commit.
        close_offer(draft.submission.offer, seconds_ago=61)
    assert not Receipt.objects.exists()
