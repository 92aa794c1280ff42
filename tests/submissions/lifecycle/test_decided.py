"""A decision for its candidate: hidden before its release, then the label and the mail; and the end of a stage."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from intake.register.models import Participation
from intake.register.services import rebuild_register
from intake.review.claims.operations import release_claim
from intake.review.evidence.operations import Basis, verify_finding
from intake.review.models import Evidence
from intake.submissions.audit.invariants import INVARIANTS
from intake.submissions.lifecycle.operations import move_submission
from intake.submissions.models import Submission
from intake.submissions.states import Action
from tests.factories.decisions import decide, make_batch, release, send
from tests.factories.participants import is_known
from tests.factories.people import client_of, make_staff
from tests.factories.review import make_shortlisted
from tests.factories.submissions import make_open_offer
from tests.submissions.pages import comparable_page, text_of

pytestmark = pytest.mark.django_db

WORDS = "Par visioconférence, le 12 mai 2027 à 10 h."


def test_a_decision_is_hidden_until_it_is_sent() -> None:
    submission = make_shortlisted(make_open_offer())
    client = client_of(submission.candidate)
    pages = [
        reverse(f"submissions:{name}", args=[submission.public_id])
        for name in ("follow", "receipt", "withdraw")
    ] + [reverse("submissions:mine"), reverse("offers:page", args=[submission.offer.number])]

    def read() -> list[str]:
        return [comparable_page(client, page) for page in pages]

    def taken() -> object:
        return client.get(reverse("submissions:own_data")).json()["applications"]

    before, data = read(), taken()
    batch = make_batch(submission, action=Action.INVITE, word=WORDS)
    assert (read(), taken()) == (before, data)
    release(batch, release_at=timezone.now() + timedelta(days=1))
    assert (read(), taken()) == (before, data)
    send(batch)
    text = text_of(client.get(pages[0]).content)
    assert text.count("Convocation à l’entrevue") == 2
    assert WORDS in text
    assert "Décision sur votre candidature" in text
    assert taken() == data


@pytest.mark.parametrize(
    "action, told",
    [
        (Action.SELECT, "Candidature retenue"),
        (Action.PUT_ON_RESERVE, "Liste de réserve"),
        (Action.DECLINE, "Candidature non retenue"),
    ],
)
def test_each_decision_is_displayed_on_the_timeline(action: Action, told: str) -> None:
    submission = make_shortlisted(make_open_offer())
    decide(submission, action=action)
    client = client_of(submission.candidate)
    page = reverse("submissions:follow", args=[submission.public_id])
    assert text_of(client.get(page).content).count(told) == 2


def _verify(submission: Submission, outcome: Evidence.Outcome) -> None:
    """Record evidence for one finding that decides the verdict."""
    filing = submission.standing_filing
    assert filing is not None
    position = filing.verdict.blocking[0]
    author = make_staff()
    seen = Evidence.objects.filter(filing=filing, position=position).latest("pk")
    verify_finding(
        filing=filing,
        position=position,
        outcome=outcome,
        basis=Basis(note="Vu au dossier."),
        actor=author,
        seen=seen.pk,
    )
    release_claim(submission=submission, actor=author)


def test_obstacles_to_starting_or_ending_a_stage_are_explained(settings: Settings) -> None:
    submission = make_shortlisted(make_open_offer())
    decide(submission, action=Action.SELECT)
    client = client_of(make_staff())
    keys = settings.REGISTER_KEYS

    def press(slug: str) -> tuple[str, str]:
        submission.refresh_from_db()
        address = reverse("review:move", args=[submission.public_id, slug])
        answer = client.post(address, {"version": submission.version}, follow=True)
        assert answer.status_code == 200
        submission.refresh_from_db()
        return submission.state, text_of(answer.content)

    _verify(submission, Evidence.Outcome.CONTRADICTED)
    state, said = press("place")
    assert state == "SELECTED"
    assert "est contredit, ou n’est pas confirmé d’après les documents. Rien n’a changé." in said
    _verify(submission, Evidence.Outcome.CONFIRMED)
    assert press("place")[0] == "PLACED"
    _verify(submission, Evidence.Outcome.CONTRADICTED)
    settings.REGISTER_KEYS = {}
    state, said = press("complete")
    assert state == "PLACED"
    assert "Le registre n’est pas configuré" in said
    settings.REGISTER_KEYS = keys
    # Whatever the evidence: a completed stage must reach the register.
    assert press("complete")[0] == "COMPLETED"
    assert Participation.objects.count() == 1


def test_a_completed_stage_enters_the_register_once(settings: Settings) -> None:
    submission = make_shortlisted(make_open_offer(), first_name="Ève", last_name="Roy")
    decide(submission, action=Action.SELECT)
    client = client_of(make_staff())
    for slug, state in (("place", "PLACED"), ("complete", "COMPLETED")):
        submission.refresh_from_db()
        page = reverse("review:file", args=[submission.public_id])
        address = reverse("review:move", args=[submission.public_id, slug])
        assert address in client.get(page).content.decode()
        client.post(address, {"version": submission.version})
        submission.refresh_from_db()
        assert submission.state == state
    (entered,) = Participation.objects.all()
    offer = submission.offer
    assert (entered.source, entered.year, entered.programme) == (
        "COMPLETED",
        offer.starts_on.year,
        offer.programme,
    )
    assert entered.key_name == next(iter(settings.REGISTER_KEYS))
    born_on = offer.starts_on - timedelta(days=25 * 365)
    assert is_known(last_name="roy", first_name="eve", birth_date=born_on, programme=offer.programme)
    rebuilt = rebuild_register()
    assert (rebuilt.completed.rows, rebuilt.completed.new) == (1, 0)
    text = text_of(
        client_of(submission.candidate)
        .get(reverse("submissions:follow", args=[submission.public_id]))
        .content
    )
    assert "Stage commencé" in text
    assert "Stage terminé" in text


def test_a_registered_person_completes_a_stage_too() -> None:
    offer = make_open_offer()
    submission = make_shortlisted(offer)
    decide(submission, action=Action.SELECT)
    move_submission(submission=submission, action=Action.PLACE, actor=make_staff())
    first = move_submission(submission=submission, action=Action.COMPLETE, actor=make_staff())
    assert first.state == "COMPLETED"
    # Another stage of the same candidate in the same year.
    again = make_shortlisted(make_open_offer(programme=offer.programme), candidate=submission.candidate)
    decide(again, action=Action.SELECT)
    for action in (Action.PLACE, Action.COMPLETE):
        move_submission(submission=again, action=action, actor=make_staff())
    assert Participation.objects.count() == 1
    (rule,) = (rule for rule in INVARIANTS if rule.name == "completed_stages_are_in_the_register")
    assert [*rule.violations()] == []


def test_a_person_whose_name_has_no_letter_completes_a_stage_unregistered() -> None:
    submission = make_shortlisted(make_open_offer(), first_name="—", last_name="—")
    decide(submission, action=Action.SELECT)
    for action in (Action.PLACE, Action.COMPLETE):
        move_submission(submission=submission, action=action, actor=make_staff())
    submission.refresh_from_db()
    assert submission.state == "COMPLETED"
    assert not Participation.objects.exists()
