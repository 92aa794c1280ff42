"""Two users claim a file concurrently, on two connections, so each commits."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from intake.accounts.models import User
from intake.review.claims.operations import FileClaimedError, current_claim
from intake.review.evidence.operations import Basis, verify_finding
from intake.review.models import Claim, Evidence
from tests.factories.review import make_filed, make_reviewer
from tests.factories.submissions import make_open_offer

AGE = 1  # position in the demonstration's rulebook


@pytest.mark.django_db(transaction=True)
def test_only_one_of_two_simultaneous_claims_succeeds() -> None:
    filed = make_filed(make_open_offer())
    one, other = make_reviewer(filed.offer), make_reviewer(filed.offer)
    filing = filed.standing_filing
    assert filing is not None
    for _round in range(3):
        start = Barrier(2, timeout=60)

        def take(actor: User, start: Barrier = start) -> str:
            try:
                start.wait()
                verify_finding(
                    filing=filing,
                    position=AGE,
                    outcome=Evidence.Outcome.CONFIRMED,
                    basis=Basis(note="Vu le passeport."),
                    actor=actor,
                )
            except FileClaimedError as refusal:
                return f"held by {refusal.claim.holder_id}"
            finally:
                connection.close()
            return f"has it {actor.pk}"

        with ThreadPoolExecutor(2) as pool:
            said = sorted(pool.map(take, (one, other)))
        claim = current_claim(filed)
        assert claim is not None
        winner = claim.holder
        assert said == [f"has it {winner.pk}", f"held by {winner.pk}"]
        assert Evidence.objects.last() == Evidence.objects.get(
            author=winner, pk=Evidence.objects.latest("pk").pk
        )
        Claim.objects.all().delete()
    assert Evidence.objects.count() == 3
