"""A person is entered in the register while their file is open: staff are notified at once, and nothing is refused."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from intake.accounts.models import User
from intake.dossiers.services import read_seal
from intake.outbox.models import Delivery
from intake.outbox.tasks import deliver
from intake.register.models import Participation
from intake.register.people import Participant, Person
from intake.register.services import enter_participation, import_participations, remove_participation
from intake.review.delivery_kinds import REGISTER_SCAN
from intake.review.evidence import register_recheck
from intake.review.evidence.operations import Basis, verify_finding
from intake.review.models import Evidence, RegisterMatch
from intake.submissions.after_filing.operations import withdraw_submission
from intake.submissions.lifecycle.operations import move_submission
from intake.submissions.models import Submission
from intake.submissions.states import Action
from offers.models import Offer
from tests.factories.decisions import confirm, make_batch, release, send
from tests.factories.offers import make_programme
from tests.factories.people import client_of, make_staff
from tests.factories.review import make_conflict, make_filed, make_reviewer, make_shortlisted
from tests.factories.submissions import make_open_offer
from tests.review.reading import filing_of
from tests.submissions.pages import text_of
from tests.two_connections import act_meanwhile

pytestmark = pytest.mark.django_db(transaction=True)

QUEUE = "admin:submissions_submission_changelist"
BANNER = (
    "Une inscription au même nom et à la même date de naissance est au registre des participations depuis le"
)


@pytest.fixture
def staff() -> User:
    return make_staff()


@pytest.fixture
def offer() -> Offer:
    return make_open_offer()


def person_of(submission: Submission) -> Person:
    assert submission.standing_filing is not None
    found = read_seal(submission.standing_filing.seal).person
    assert found.born_on is not None
    return Person(last_name=found.last_name, first_name=found.first_name, birth_date=found.born_on)


def scan() -> None:
    """Perform the pending comparison, and the deliveries that it posts."""
    while waiting := Delivery.objects.filter(kind=REGISTER_SCAN, state="PENDING").order_by("pk").first():
        deliver(waiting.pk)
        waiting.refresh_from_db()
        assert waiting.state == "DONE", waiting.last_error


def enter(submission: Submission, staff: User, *, year: int = 2019) -> Participation:
    """Enter the candidate in the register by hand, and perform the comparison."""
    person = person_of(submission)
    entered = enter_participation(
        last_name=person.last_name,
        first_name=person.first_name,
        birth_date=person.birth_date,
        programme=submission.offer.programme,
        year=year,
        actor=staff,
    )
    scan()
    return entered


def import_list(submission: Submission, staff: User, *, dry_run: bool = False) -> None:
    programme = submission.offer.programme
    rows = [Participant(person=person_of(submission), programme=programme, year=2018)]
    import_participations(rows=rows, programme=programme, actor=staff, dry_run=dry_run)
    scan()


def flagged(user: User) -> list[int]:
    answer = client_of(user).get(reverse(QUEUE), {"registre": "a-verifier"})
    assert answer.status_code == 200
    return sorted(row.pk for row in answer.context["cl"].result_list)


def desk_of(user: User) -> str:
    return text_of(client_of(user).get(reverse("admin:index")).content)


def page_of(user: User, submission: Submission) -> str:
    page = reverse("review:file", args=[submission.public_id])
    return text_of(client_of(user).get(page).content)


def find(submission: Submission, staff: User, outcome: Evidence.Outcome) -> None:
    match = RegisterMatch.objects.get()
    assert submission.standing_filing is not None
    verify_finding(
        filing=submission.standing_filing,
        position=match.position,
        outcome=outcome,
        basis=Basis(note="Une homonyme."),
        actor=staff,
    )


def taken_up(offer: Offer) -> Submission:
    submission = make_filed(offer, last_name="Étudiée")
    move_submission(submission=submission, action=Action.START_REVIEW, actor=make_staff())
    return Submission.objects.select_related("standing_filing__seal", "offer__programme").get(
        pk=submission.pk
    )


@pytest.mark.parametrize(
    "make, way",
    [
        (make_filed, enter),
        (taken_up, import_list),
        (make_shortlisted, enter),
        # The file's state and the way of entry are independent: the cases above cover each once.
        pytest.param(make_filed, import_list, marks=pytest.mark.full),
        pytest.param(taken_up, enter, marks=pytest.mark.full),
        pytest.param(make_shortlisted, import_list, marks=pytest.mark.full),
    ],
)
def test_an_open_file_of_an_entered_person_is_flagged_without_a_move(
    offer: Offer, staff: User, make: object, way: object
) -> None:
    assert callable(make)
    assert callable(way)
    submission: Submission = make(offer)
    make_filed(offer, last_name="Autre")
    state = submission.state
    assert "à vérifier au registre" not in desk_of(staff)
    assert BANNER not in page_of(staff, submission)
    way(submission, staff)
    assert "1 candidature à vérifier au registre" in desk_of(staff)
    assert flagged(staff) == [submission.pk]
    shown = page_of(staff, submission)
    assert BANNER in shown
    assert f'href="#critere-{RegisterMatch.objects.get().position}"' in shown
    listed = text_of(client_of(staff).get(reverse(QUEUE)).content)
    assert listed.count("Registre à vérifier") == 1
    submission.refresh_from_db()
    assert submission.state == state, "a person judges: nothing is refused"


@pytest.mark.parametrize("outcome", list(Evidence.Outcome))
def test_evidence_ends_a_register_match_and_a_newer_row_renews_it(
    offer: Offer, staff: User, outcome: Evidence.Outcome
) -> None:
    submission = taken_up(offer)
    enter(submission, staff)
    find(submission, staff, outcome)
    assert flagged(staff) == []
    assert BANNER not in page_of(staff, submission)
    enter(submission, staff, year=2020)
    assert flagged(staff) == [submission.pk]


def test_earlier_evidence_does_not_settle_a_newer_register_match(offer: Offer, staff: User) -> None:
    submission = taken_up(offer)
    confirm(submission)
    enter(submission, staff)
    assert flagged(staff) == [submission.pk]


@pytest.mark.parametrize("earlier, is_settled", [(0, True), (1, False)], ids=["same instant", "earlier"])
def test_evidence_of_the_instant_of_a_row_settles_its_match(
    offer: Offer, staff: User, earlier: int, *, is_settled: bool
) -> None:
    submission = taken_up(offer)
    enter(submission, staff)
    find(submission, staff, Evidence.Outcome.CONFIRMED)
    entered_at = Evidence.objects.latest("pk").at + timedelta(microseconds=earlier)
    RegisterMatch.objects.update(entered_at=entered_at)
    assert flagged(staff) == ([] if is_settled else [submission.pk])


def test_a_row_that_was_being_entered_at_the_filing_flags_the_file(offer: Offer, staff: User) -> None:
    first = make_filed(offer)
    person = person_of(first)

    def enter_slowly() -> None:
        enter_participation(
            last_name=person.last_name,
            first_name=person.first_name,
            birth_date=person.birth_date,
            programme=offer.programme,
            year=2019,
            actor=staff,
        )

    second = act_meanwhile(lambda: make_filed(offer), enter_slowly, waits=False)
    scan()
    assert RegisterMatch.objects.get(filing=second.standing_filing).entered_at < filing_of(second).received_at
    assert flagged(staff) == [first.pk, second.pk]


def test_a_removed_row_ends_its_register_match(offer: Offer, staff: User) -> None:
    submission = taken_up(offer)
    entered = enter(submission, staff)
    assert flagged(staff) == [submission.pk]
    remove_participation(participation=entered, reason="Erreur de saisie", actor=staff)
    scan()
    assert flagged(staff) == []


def test_a_withdrawn_file_has_no_register_match(offer: Offer, staff: User) -> None:
    submission = make_filed(offer, last_name="Partie")
    enter(submission, staff)
    assert flagged(staff) == [submission.pk]
    withdraw_submission(submission=submission, actor=submission.candidate, reason="Non.")
    assert flagged(staff) == []
    assert "à vérifier au registre" not in desk_of(staff)
    assert BANNER not in page_of(staff, submission)


def test_another_programme_another_name_and_a_dry_run_flag_no_file(offer: Offer, staff: User) -> None:
    submission = make_filed(offer)
    person = person_of(submission)
    for last_name, programme in (("Autrement", offer.programme), (person.last_name, make_programme())):
        enter_participation(
            last_name=last_name,
            first_name=person.first_name,
            birth_date=person.birth_date,
            programme=programme,
            year=2019,
            actor=staff,
        )
    scan()
    import_list(submission, staff, dry_run=True)
    assert flagged(staff) == []
    import_list(submission, staff)
    assert flagged(staff) == [submission.pk]


def test_a_match_known_at_the_filing_is_not_new(offer: Offer, staff: User) -> None:
    first = make_filed(offer)
    enter(first, staff)
    again = make_filed(offer, candidate=None)
    assert again.filed_outcome == "NEEDS_REVIEW", "the filing asked the register"
    third = make_filed(offer, last_name="Tierce")
    enter(third, staff)
    assert flagged(staff) == [first.pk, third.pk]


def test_a_register_match_is_hidden_with_its_file(offer: Offer, staff: User) -> None:
    submission = make_filed(offer)
    enter(submission, staff)
    bound, reviewer = make_staff(), make_reviewer(offer)
    make_conflict(submission, bound)
    assert "à vérifier au registre" not in desk_of(bound)
    assert flagged(bound) == []
    assert "à vérifier au registre" not in desk_of(reviewer)
    assert "registre=" not in client_of(reviewer).get(reverse(QUEUE)).content.decode()
    assert "à vérifier au registre" in desk_of(staff)
    assert "registre=" in client_of(staff).get(reverse(QUEUE)).content.decode()


def test_all_open_files_are_compared_in_slices(
    offer: Offer, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(register_recheck, "SLICE", 2)
    files = [make_filed(offer, last_name=name) for name in ("Une", "Deux", "Trois", "Quatre", "Cinq")]
    enter(files[4], staff)
    assert flagged(staff) == [files[4].pk]


def test_many_rows_entered_together_are_compared_once(offer: Offer, staff: User) -> None:
    submission = make_filed(offer)
    person = person_of(submission)
    for year in (2015, 2016, 2017):
        enter_participation(
            last_name=person.last_name,
            first_name=person.first_name,
            birth_date=person.birth_date,
            programme=offer.programme,
            year=year,
            actor=staff,
        )
    first, *_rest = Delivery.objects.filter(kind=REGISTER_SCAN, state="PENDING").order_by("pk")
    deliver(first.pk)
    assert not RegisterMatch.objects.exists(), "the last one asked for compares them all"
    scan()
    assert flagged(staff) == [submission.pk]


@pytest.mark.full
def test_three_flagged_files_run_as_many_queries_as_one(offer: Offer, staff: User) -> None:
    client = client_of(staff)

    def one_more(name: str) -> None:
        enter(make_filed(offer, last_name=name), staff)

    def cost(address: str) -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    pages = [reverse("admin:index"), reverse(QUEUE), f"{reverse(QUEUE)}?registre=a-verifier&_facets=True"]
    one_more("Une")
    one = [cost(page) for page in pages]
    one_more("Deux")
    one_more("Trois")
    assert [cost(page) for page in pages] == one


def test_a_register_match_withdraws_the_findings_of_a_file_under_review(staff: User, offer: Offer) -> None:
    submission = taken_up(offer)
    confirm(submission)
    assert "Ces vérifications permettent de retenir" in page_of(staff, submission)
    enter(submission, staff)
    shown = page_of(staff, submission)
    assert "Ces vérifications permettent de retenir" not in shown
    assert "À confirmer de nouveau" in shown


def test_the_database_refuses_a_selection_on_evidence_before_a_register_match(
    staff: User, offer: Offer
) -> None:
    submission = make_shortlisted(offer)
    confirm(submission)
    batch = release(make_batch(submission, action=Action.SELECT))
    enter(submission, staff)
    with pytest.raises(IntegrityError, match="is not confirmed"):
        Submission.objects.filter(pk=submission.pk).update(state="SELECTED")
    send(batch)
    assert batch.items.get().refusal == "REGISTER_MATCH"


def test_a_match_that_a_person_in_conflict_checked_is_flagged_again(staff: User, offer: Offer) -> None:
    submission, member = taken_up(offer), make_reviewer(offer)
    enter(submission, staff)
    find(submission, member, Evidence.Outcome.CONFIRMED)
    assert flagged(staff) == []
    make_conflict(submission, member)
    assert flagged(staff) == [submission.pk]
    assert BANNER in page_of(staff, submission)


def test_an_import_counts_the_open_files_that_it_concerns(staff: User, offer: Offer) -> None:
    submission = taken_up(offer)
    confirm(submission)
    person = person_of(submission)
    text = (
        "last_name,first_name,birth_date,year\n"
        f"{person.last_name},{person.first_name},{person.birth_date},2018\n"
        "Inconnue,Pia,1990-01-01,2018\n"
    )
    client = client_of(staff)
    address = reverse("admin:register_participation_import")
    given = {"programme": submission.offer.programme_id, "text": text, "confirm": "1"}
    answer = client.post(address, given, follow=True)
    shown = text_of(answer.content)
    assert "2 participations sont inscrites" in shown
    assert "1 candidature ouverte porte un nom et une date de naissance du registre" in shown
