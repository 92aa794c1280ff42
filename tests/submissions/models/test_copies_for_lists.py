"""The submission's copies of its filing's values, which sort and filter the queue."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction

from intake.submissions.models import Submission, Verdict
from tests.factories.submissions import make_draft, make_filing

pytestmark = pytest.mark.django_db


def test_the_copied_columns_are_set_by_a_filing_and_empty_for_a_draft() -> None:
    draft = make_draft()
    assert (draft.submission.received_at, draft.submission.filed_outcome) == (None, "")
    receipt = make_filing(last_name="Émond-Lœuf", first_name="Zoé")
    submission = Submission.objects.get(pk=receipt.filing.submission_id)
    assert submission.received_at == receipt.filing.received_at
    assert submission.filed_outcome == Verdict.objects.get(filing=receipt.filing).outcome
    assert submission.folded_name == "emond loeuf, zoe"


def test_the_copied_columns_always_follow_the_filing() -> None:
    receipt = make_filing()
    found = Submission.objects.filter(pk=receipt.filing.submission_id)
    found.update(received_at=datetime(2020, 1, 1, tzinfo=UTC), filed_outcome="INELIGIBLE")
    submission = found.get()
    assert submission.received_at == receipt.filing.received_at
    assert submission.filed_outcome == "ELIGIBLE"


def test_a_submission_requires_a_current_filing_with_a_verdict() -> None:
    draft = make_draft()
    found = Submission.objects.filter(pk=draft.submission_id)
    with pytest.raises(IntegrityError, match="no filing 987654321 with a verdict"), transaction.atomic():
        found.update(state="SUBMITTED", standing_filing=987654321)
