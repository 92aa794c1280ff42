"""`manage.py generate_submissions`: synthetic people, by operations and in bulk, under the same constraints."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from eligibility import evaluate
from eligibility.codec import facts_from_json
from intake.accounts.models import User
from intake.devtools.synthetic import bulk_load
from intake.devtools.synthetic.people import DOMAIN, draw_applications
from intake.dossiers.models import Seal
from intake.dossiers.services import read_seal, verify_seal
from intake.outbox.models import Delivery
from intake.profiles.models import Profile
from intake.submissions.delivery_kinds import DOSSIER, RECEIPT_MAIL
from intake.submissions.gate.readiness import check_readiness
from intake.submissions.models import Draft, Filing, Receipt, Submission, Verdict
from intake.submissions.questions.sections import read_offer_questions
from intake.submissions.states import HumanReview, State
from offers.models import Offer
from offers.selectors import current_rulebook, document_requests
from tests.documents.in_process import inspect_in_process
from tests.factories.offers import make_draft
from tests.factories.submissions import close_offer, make_open_offer

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.django_db


@pytest.fixture
def inspected_here() -> Iterator[None]:
    """Inspect the synthetic documents in this process."""
    with inspect_in_process():
        yield


def generate(
    offer: Offer, count: int, *arguments: str, seed: int = 7, progress: StringIO | None = None
) -> dict[str, Any]:
    out = StringIO()
    call_command(
        "generate_submissions",
        *("--offer", str(offer.number), "--count", str(count), "--seed", str(seed), *arguments),
        stdout=out,
        stderr=progress or StringIO(),
    )
    printed: dict[str, Any] = json.loads(out.getvalue())
    return printed


@pytest.mark.usefixtures("inspected_here")
def test_few_submissions_are_filed_by_the_operations_with_mail_and_dossier() -> None:
    offer = make_open_offer()
    printed = generate(offer, 6)
    assert printed["through"] == "services"
    assert (printed["asked"], printed["created"], printed["already"]) == (6, 6, 0)
    assert printed["filed"] == Receipt.objects.count() > 0
    assert printed["drafts"] == Submission.objects.filter(state=State.DRAFT).count()
    assert printed["states"] == Counter(Submission.objects.values_list("state", flat=True))
    for kind in (RECEIPT_MAIL, DOSSIER):
        assert Delivery.objects.filter(kind=kind).count() == printed["filed"]


@pytest.mark.parametrize("count", [150, pytest.param(300, marks=pytest.mark.full)])
@pytest.mark.usefixtures("inspected_here")
def test_many_submissions_are_loaded_in_bulk_like_those_of_the_operations(count: int) -> None:
    offer, progress = make_open_offer(), StringIO()
    printed = generate(offer, count, progress=progress)
    assert progress.getvalue() == f"{count} / {count}\n"
    assert printed["through"] == "bulk"
    assert printed["created"] == printed["filed"] + printed["drafts"] == count
    assert printed["filed"] == Filing.objects.count()
    assert printed["outcomes"].keys() == {"ELIGIBLE", "INELIGIBLE", "NEEDS_REVIEW"}
    # Announced states and their successors need a second person: no synthetic user decides.
    announced = {"INADMISSIBLE", "INTERVIEW", "SELECTED", "RESERVE", "DECLINED", "PLACED", "COMPLETED"}
    # No synthetic user finds a file incomplete either.
    assert set(printed["states"]) == set(State.values) - announced - {State.COMPLEMENT_REQUESTED}
    with connection.cursor() as cursor:
        # Check now what would be checked at the commit, deferred triggers included.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    _seals_hold_what_the_rules_say_of_it(offer)
    assert not Delivery.objects.filter(kind__in=[RECEIPT_MAIL, DOSSIER]).exists()


def _seals_hold_what_the_rules_say_of_it(offer: Offer) -> None:
    rulebook = current_rulebook(offer).as_rulebook()
    assert Seal.objects.count() == Filing.objects.count()
    assert Seal.objects.values("salt").distinct().count() == Seal.objects.count()
    for filing in Filing.objects.select_related("seal", "verdict", "submission__candidate").order_by("pk"):
        verify_seal(filing.seal)
        payload = read_seal(filing.seal)
        assert payload.person.email == filing.submission.candidate.email
        assert payload.person.sorted_name == filing.submission.filed_name
        assert [one.sha256 for one in payload.documents] == list(
            filing.documents.order_by("request__position").values_list("sha256", flat=True)
        )
        judged = evaluate(rulebook, facts_from_json(payload.facts))
        assert judged.outcome == filing.verdict.outcome == payload.verdict["outcome"]
        assert judged.facts_digest == filing.verdict.facts_digest
        assert bool(payload.review_message) is filing.verdict.under_reserve
    assert Verdict.objects.filter(under_reserve=True).count() == (
        Submission.objects.filter(reserve=HumanReview.PENDING, state=State.SUBMITTED).count()
    )


def test_bulk_filings_are_those_that_the_gate_accepts() -> None:
    offer = make_open_offer()
    on = timezone.now().astimezone(offer.zone).date()
    asks = read_offer_questions(offer, current_rulebook(offer))
    documents = list(document_requests(offer))
    drawn = list(draw_applications(asks=asks, seed=3, ranks=range(150), on=on))
    ways = set()
    for application in (application for application in drawn if application.files):
        readiness = check_readiness(
            answers=application.answers,
            documents=documents,
            provided=[request.pk for request in documents],
            asks=asks,
            on=on,
        )
        asked = readiness.may_be_filed_under_reserve and application.asks_for_review
        ways.add((readiness.may_be_filed, asked))
    assert ways == {(True, False), (False, True)}, "as it is, or under reserve where a review is asked for"
    assert len({application.person.email for application in drawn}) == 150


@pytest.mark.usefixtures("inspected_here")
def test_the_same_seed_gives_the_same_people_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_load, "BATCH_SIZE", 8)
    offer, other = make_open_offer(), make_open_offer()
    assert generate(offer, 20, "--through", "bulk")["created"] == 20
    again = generate(offer, 30, "--through", "bulk")
    assert (again["created"], again["already"]) == (10, 20)
    assert generate(offer, 3, "--through", "services")["already"] == 3
    assert generate(other, 30, "--through", "bulk")["created"] == 30
    candidates = User.objects.filter(email__endswith=f"@{DOMAIN}", is_staff=False)
    assert candidates.count() == Profile.objects.count() == 30
    drafts = [
        list(
            Draft.objects.filter(submission__offer=one)
            .order_by("submission__candidate__email")
            .values_list("submission__candidate__email", "submission__state", "answers")
        )
        for one in (offer, other)
    ]
    assert drafts[0] == drafts[1]
    generate(make_open_offer(), 5, "--through", "bulk", seed=8)
    assert candidates.count() == 35


def test_submissions_are_generated_only_for_an_open_offer() -> None:
    closed = make_open_offer()
    close_offer(closed, seconds_ago=1)
    for offer in (closed, make_draft(at=timezone.now())):
        with pytest.raises(CommandError, match="takes no applications now") as refused:
            generate(offer, 1)
        assert refused.value.returncode == 2
    with pytest.raises(CommandError, match="there is no offer 2099-999") as refused:
        call_command("generate_submissions", "--offer", "2099-999", "--count", "1", "--seed", "1")
    assert refused.value.returncode == 2
    with pytest.raises(CommandError, match="--count") as refused:
        generate(make_open_offer(), 0)
    assert refused.value.returncode == 2
    assert not Submission.objects.exists()
    assert not User.objects.exists()


def test_generation_is_refused_where_people_are_real(settings: Settings) -> None:
    settings.SYNTHETIC_PEOPLE = False
    with pytest.raises(CommandError, match="for real people") as refused:
        generate(make_open_offer(), 1)
    assert refused.value.returncode == 2
    assert not User.objects.exists()


@pytest.mark.full  # in the quick run, the test above
def test_production_settings_are_refused_before_any_query() -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "intake.settings.production",
        "SECRET_KEY": "k" * 60,
        "ALLOWED_HOSTS": "portail.exemple.invalid",
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing",
    }
    ended = subprocess.run(
        [
            sys.executable,
            "manage.py",
            "generate_submissions",
            "--offer",
            "2027-020",
            "--count",
            "1",
            "--seed",
            "1",
        ],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2
    assert "for real people" in ended.stderr
