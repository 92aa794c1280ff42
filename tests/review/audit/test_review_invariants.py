"""The invariants of `review` that `check_invariants` runs."""

import pytest

from intake.journal.invariants import invariants_in

pytestmark = pytest.mark.django_db


def test_an_empty_portal_breaks_no_invariant_of_the_review() -> None:
    assert {rule.name: [*rule.violations()] for rule in invariants_in("review")} == {
        "a_selected_file_has_every_finding_confirmed": [],
        "a_frozen_shortlist_has_all_its_rows": [],
        "a_frozen_shortlist_is_the_digest_of_its_rows": [],
        "a_batch_that_was_sent_decided_on_everybody": [],
    }
