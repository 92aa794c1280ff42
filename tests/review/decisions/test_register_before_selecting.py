"""Before a selection the register is searched again; staff first confirm a match that is new since the filing."""

import pytest
from django.urls import reverse

from intake.accounts.models import User
from intake.dossiers.services import read_seal
from intake.register.services import enter_participation
from intake.review.committees.operations import declare_conflict
from intake.review.decisions.dry_run import predicted_refusals as foreseen_refusals
from intake.review.decisions.queries import items_of, selected_elsewhere
from intake.review.evidence.operations import Basis, verify_finding
from intake.review.evidence.register_recheck import positions_to_reconfirm
from intake.review.models import DecisionBatch, Evidence
from intake.review.moves.operations import move_as_reviewer
from intake.submissions.lifecycle.locks import with_row_locks
from intake.submissions.models import Submission
from intake.submissions.states import Action
from tests.factories.decisions import confirm, decide, make_batch, release, send
from tests.factories.people import client_of, make_staff, make_user
from tests.factories.review import make_shortlisted
from tests.factories.submissions import make_open_offer
from tests.review.reading import filing_of
from tests.submissions.pages import text_of
from tests.two_connections import act_meanwhile

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff() -> User:
    return make_staff()


def enter(submission: Submission, staff: User) -> None:
    """Enter the candidate in the register, as staff do who import an old list late."""
    person = read_seal(filing_of(submission).seal).person
    assert person.born_on is not None
    enter_participation(
        last_name=person.last_name,
        first_name=person.first_name,
        birth_date=person.born_on,
        programme=submission.offer.programme,
        year=2019,
        actor=staff,
    )


def once_only(submission: Submission) -> int:
    found = positions_to_reconfirm({filing_of(submission): submission.offer.programme})
    return found[filing_of(submission).pk]


def find_again(submission: Submission, staff: User) -> None:
    verify_finding(
        filing=filing_of(submission),
        position=once_only(submission),
        outcome=Evidence.Outcome.CONFIRMED,
        basis=Basis(note="Une homonyme : elle ne portait pas ce deuxième prénom."),
        actor=staff,
    )


def prepared(submission: Submission) -> DecisionBatch:
    confirm(submission)
    return make_batch(submission, action=Action.SELECT)


def predicted_refusals(batch: DecisionBatch, reader: User) -> list[str]:
    return list(foreseen_refusals(items_of(batch), reader=reader).values())


@pytest.mark.django_db(transaction=True)
def test_a_new_register_match_must_be_confirmed_before_a_selection(staff: User) -> None:
    submission = make_shortlisted(make_open_offer())
    batch = prepared(submission)
    assert predicted_refusals(batch, staff) == []
    enter(submission, staff)
    assert predicted_refusals(batch, staff) == ["REGISTER_MATCH"]
    client = client_of(staff)
    shown = text_of(client.get(reverse("review:file", args=[submission.public_id])).content)
    assert (
        "le registre des participations contient une inscription au même nom et à la même date de naissance"
        in shown
    )
    assert "Ces vérifications permettent de retenir cette candidature" not in shown
    assert f'href="#critere-{once_only(submission)}"' in shown
    assert shown.count("À confirmer de nouveau") == 1
    find_again(submission, staff)
    assert predicted_refusals(batch, staff) == []
    shown = text_of(client.get(reverse("review:file", args=[submission.public_id])).content)
    assert (
        "le registre des participations contient une inscription au même nom et à la même date de naissance"
        not in shown
    )
    assert "À confirmer de nouveau" not in shown
    send(release(batch))
    submission.refresh_from_db()
    assert submission.state == "SELECTED"


@pytest.mark.django_db(transaction=True)
def test_an_unconfirmed_register_match_refuses_the_selection_when_sent(staff: User) -> None:
    known, other = (make_shortlisted(offer) for offer in [make_open_offer()] * 2)
    confirm(known)
    confirm(other)
    batch = release(make_batch(known, other, action=Action.SELECT))
    enter(known, staff)
    send(batch)
    kept = dict(batch.items.values_list("submission", "refusal"))
    assert kept[known.pk] == "REGISTER_MATCH"
    known.refresh_from_db()
    assert known.state == "SHORTLISTED"
    page = reverse("review:decision_batch", args=[batch.pk])
    assert "Confirmez de nouveau" in text_of(client_of(staff).get(page).content)


@pytest.mark.django_db(transaction=True)
def test_a_row_entered_while_a_selection_waits_for_its_lock_refuses_it(staff: User) -> None:
    submission = make_shortlisted(make_open_offer())
    batch = release(prepared(submission))

    act_meanwhile(
        lambda: send(DecisionBatch.objects.get(pk=batch.pk)),
        lambda: with_row_locks(Submission.objects.filter(pk=submission.pk)).get(),
        then=lambda: enter(submission, staff),
    )
    assert batch.items.get().refusal == "REGISTER_MATCH"


@pytest.mark.django_db(transaction=True)
def test_a_completed_stage_blocks_another_selection_until_confirmed(staff: User) -> None:
    candidate = make_user()
    done = make_shortlisted(make_open_offer(), candidate=candidate)
    waits = make_shortlisted(make_open_offer(), candidate=candidate)
    batch = prepared(waits)
    decide(done, action=Action.SELECT)
    for action in (Action.PLACE, Action.COMPLETE):
        move_as_reviewer(submission=done, action=action, actor=staff)
    assert predicted_refusals(batch, staff) == ["REGISTER_MATCH"]
    assert selected_elsewhere(staff, waits) == done
    page = reverse("review:file", args=[waits.public_id])
    assert f"A terminé le stage de l’offre {done.offer.number}" in text_of(client_of(staff).get(page).content)
    held = make_shortlisted(make_open_offer(), candidate=candidate)
    decide(held, action=Action.SELECT)
    assert selected_elsewhere(staff, waits) == held, (
        "where they are selected now comes before what they completed"
    )
    bound = make_staff()
    declare_conflict(submission=held, reviewer=bound, actor=bound)
    declare_conflict(submission=done, reviewer=bound, actor=bound)
    assert selected_elsewhere(bound, waits) is None


@pytest.mark.django_db(transaction=True)
def test_only_a_selection_is_checked_against_the_register(staff: User) -> None:
    submission, selected = (make_shortlisted(offer) for offer in [make_open_offer()] * 2)
    selection = prepared(selected)
    enter(submission, staff)
    assert predicted_refusals(selection, staff) == ["REGISTER_MATCH"]
    assert predicted_refusals(make_batch(submission, action=Action.DECLINE), staff) == []
