"""Human review by staff: the queue's filter, the ruling on each finding, and its consequences."""

from typing import Any, NamedTuple

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from intake.accounts.models import User
from intake.accounts.roles import Role
from intake.outbox.models import Delivery
from intake.review.claims.operations import release_claim
from intake.review.models import Evidence
from intake.submissions.after_filing.operations import start_amendment, withdraw_submission
from intake.submissions.filing.operations import file_draft
from intake.submissions.models import Draft, Ruling, Submission
from intake.submissions.states import Action, HumanReview, State
from tests.factories.bulk import run_bulk_action
from tests.factories.complements import close_after_filings, request_complement_for
from tests.factories.people import client_of, give_role, make_staff
from tests.factories.review import make_filed, make_filed_for_review, make_reviewer, make_ruling
from tests.factories.submissions import ALL_DECLARATIONS, make_filing, make_open_offer
from tests.review.parts import copy_of
from tests.review.reading import file_address, one_line_of

pytestmark = pytest.mark.django_db

CONFIRMED, OVERTURNED = Ruling.Decision.CONFIRMED, Ruling.Decision.OVERTURNED
AGE, DOMICILE = 1, 3  # positions in the demonstration's rulebook
QUEUE = "admin:submissions_submission_changelist"
WORDS = "L’acte de naissance joint dit 2001."


class CaseData(NamedTuple):
    """Two filings with a review request to the same offer, and their readers."""

    one: Submission
    two: Submission
    staff: User
    reviewer: User


@pytest.fixture(scope="module")
def made(module_db: None) -> CaseData:
    offer = make_open_offer()
    one, two = (
        make_filed_for_review(offer, last_name="Un"),
        make_filed_for_review(offer, last_name="Deux", domicile_province="ON"),
    )
    return CaseData(one, two, make_staff(), make_reviewer(offer))


@pytest.fixture(scope="module")
def page_of_one(made: CaseData) -> Any:
    """The page of `one` as staff first see it, requested once for the module."""
    return opened(made.staff, made.one)


@pytest.fixture(scope="module")
def page_of_two(made: CaseData) -> Any:
    return opened(made.staff, made.two)


one, two, staff, reviewer = copy_of("one"), copy_of("two"), copy_of("staff"), copy_of("reviewer")


def read(user: User, submission: Submission) -> str:
    return one_line_of(opened(user, submission))


def opened(user: User, submission: Submission) -> Any:
    return client_of(user).get(file_address(submission))


def form_data_in(page: Any, position: int) -> dict[str, Any]:
    """Return the data of the form on one finding as the page displays it, without the ruling."""
    (form,) = (row.form for row in page.context["reserve"].findings if row.position == position)
    return {"filing": form["filing"].value(), "seen": form["seen"].value()}


def send(user: User, submission: Submission, position: int, page: Any = None, **changes: Any) -> Any:
    """Send the form on one finding with `changes`, from `page` or from a page requested now."""
    sent = form_data_in(page or opened(user, submission), position)
    sent |= {"decision": OVERTURNED, "reason": WORDS} | changes
    return post(user, submission, position, **sent)


def post(user: User, submission: Submission, position: int, **sent: Any) -> Any:
    address = reverse("review:rule", args=[submission.public_id, position])
    return client_of(user).post(
        address, {f"constat-{position}-{name}": value for name, value in sent.items()}, follow=True
    )


# -- The queue -----------------------------------------------------------------------------------------------
def test_files_with_a_pending_review_have_their_own_filter(
    one: Submission, two: Submission, staff: User, reviewer: User
) -> None:
    rows = {
        HumanReview.PENDING: one,
        HumanReview.LIFTED: make_filed_for_review(one.offer, last_name="Levée"),
        HumanReview.UPHELD: two,
        HumanReview.NONE: make_filed(one.offer, last_name="Ordinaire"),
    }
    make_ruling(rows[HumanReview.LIFTED], AGE, OVERTURNED)
    for position in (AGE, DOMICILE):
        make_ruling(two, position, CONFIRMED)
    client = client_of(staff)

    def shown(value: str) -> set[HumanReview]:
        page = one_line_of(client.get(reverse(QUEUE), {"reserve": value}))
        return {reserve for reserve, row in rows.items() if file_address(row) in page}

    for reserve in (HumanReview.PENDING, HumanReview.LIFTED, HumanReview.UPHELD):
        assert shown(reserve) == {reserve}
    assert shown("sans-attente") == rows.keys() - {HumanReview.PENDING}
    page = one_line_of(client.get(reverse(QUEUE)))
    for badge in ("Révision demandée", "Révision favorable", "Révision défavorable"):
        assert f"{badge}</span>" in page
    assert "1 candidature à réviser" in page
    assert "à réviser" not in one_line_of(client_of(reviewer).get(reverse(QUEUE)))


@pytest.mark.parametrize("who", ["staff", "reviewer"])
def test_queue_and_file_run_as_many_queries_for_three_reviews_as_for_one(
    two: Submission, kept: CaseData, who: str
) -> None:
    offer, first = two.offer, two
    client = client_of(kept.staff if who == "staff" else kept.reviewer)

    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    addresses = (reverse(QUEUE) + f"?offre={offer.number}", file_address(first))
    for address in addresses:
        queries(address)  # content types and permissions are cached
    alone = [queries(address) for address in addresses]
    for last_name in ("Deux", "Trois"):
        make_filed_for_review(offer, last_name=last_name)
        make_ruling(first, AGE, CONFIRMED)
    assert [queries(address) for address in addresses] == alone


def test_the_dashboard_counts_pending_reviews_separately(
    one: Submission, two: Submission, staff: User, reviewer: User
) -> None:
    make_filed(one.offer)
    for position in (AGE, DOMICILE):
        make_ruling(two, position, CONFIRMED)
    desk = one_line_of(client_of(staff).get(reverse("admin:index")))
    assert "1 candidature à réviser" in desk
    assert "1 candidature à mettre à l’étude" in desk
    shown = one_line_of(client_of(reviewer).get(reverse("admin:index")))
    assert "en révision" not in shown
    assert "1 candidature à noter" in shown


# -- Who reads, who rules ------------------------------------------------------------------------------------
def test_staff_read_the_review_request_and_the_refused_finding(one: Submission, page_of_one: Any) -> None:
    shown = one_line_of(page_of_one)
    for words in (
        "Mon acte de naissance dit 2001.",
        "Réponse déposée",
        "1er janvier 1970",
        "Ce qui serait accepté",
        "La personne candidate lira ce texte",
        "C’est le dernier critère à réviser",
        "si vous confirmez, une autre personne doit approuver la non-admissibilité",
        "reçoit aussitôt un courriel",
    ):
        assert words in shown
    assert "Suite à donner" not in shown
    assert "Suite à donner" in read(make_staff(), make_filed(one.offer))


def test_a_reviewer_may_not_move_a_file_with_a_pending_review(
    one: Submission, reviewer: User, page_of_one: Any
) -> None:
    shown = read(reviewer, one)
    assert "Révision demandée" in shown
    assert "Une personne du programme la révise" in shown
    assert "Enregistrer la décision" not in shown
    assert "Enregistrer la décision" in one_line_of(page_of_one)
    assert post(reviewer, one, AGE, decision=OVERTURNED, reason=WORDS).status_code == 403
    move = reverse("review:move", args=[one.public_id, "start-review"])
    for answer in (
        client_of(reviewer).get(move, follow=True),
        client_of(reviewer).post(move, {"version": one.version}, follow=True),
    ):
        assert "Révisez d’abord chaque critère en cause" in one_line_of(answer)
    (acted,) = run_bulk_action(reviewer, Action.START_REVIEW, one)
    assert "révisez d’abord chaque critère en cause" in acted
    one.refresh_from_db()
    assert (one.state, Ruling.objects.count()) == (State.SUBMITTED, 0)


def test_a_user_may_not_rule_on_their_own_submission(one: Submission) -> None:
    give_role(user=one.candidate, role=Role.STAFF)
    own = User.objects.get(pk=one.candidate_id)
    assert post(own, one, AGE, decision=OVERTURNED, reason=WORDS).status_code == 404
    assert not Ruling.objects.exists()


# -- Ruling --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "decision, state, words",
    [
        (OVERTURNED, (State.SUBMITTED, HumanReview.LIFTED), "Un courriel l’annonce à la personne candidate"),
        (CONFIRMED, (State.SUBMITTED, HumanReview.PENDING), "rien n’est encore envoyé"),
    ],
)
def test_the_last_ruling_settles_the_human_review_with_a_message(
    one: Submission, page_of_one: Any, decision: str, state: tuple[str, str], words: str
) -> None:
    staff = make_staff()
    answer = send(staff, one, AGE, page_of_one, decision=decision)
    shown = one_line_of(answer)
    assert words in shown
    assert WORDS in shown
    assert f"par {staff}" in shown
    assert ("Enregistrer la décision" in shown) == (decision == CONFIRMED)
    one.refresh_from_db()
    assert (one.state, one.reserve) == state
    assert Delivery.objects.filter(kind="RULINGS_MAIL").count() == (decision == OVERTURNED)


def test_a_review_with_a_pending_finding_is_open_and_rulings_can_be_replaced(
    two: Submission, page_of_two: Any
) -> None:
    first, second = make_staff(), make_staff()
    shown = one_line_of(page_of_two)
    assert "1 autre critère est encore à réviser" in shown
    assert "C’est le dernier critère à réviser" not in shown
    assert "Critères à réviser encore : 1" in one_line_of(
        send(first, two, AGE, page_of_two, decision=CONFIRMED, reason="Né en 1970.")
    )
    page = opened(second, two)
    assert "un autre critère est confirmé" in one_line_of(page)
    release_claim(submission=two, actor=first)
    page = send(second, two, AGE, page)
    shown = one_line_of(page)
    assert "1 décision antérieure, remplacée" in shown
    for words in ("Né en 1970.", WORDS, f"par {first}", f"par {second}"):
        assert words in shown
    assert not Delivery.objects.filter(kind="RULINGS_MAIL").exists()
    send(second, two, DOMICILE, page)
    two.refresh_from_db()
    assert two.reserve == HumanReview.LIFTED


@pytest.fixture(scope="module")
def asked(page_of_two: Any) -> dict[str, Any]:
    """The data of the form on domicile, from the page of `two`: tests of wrong input read the page once."""
    return form_data_in(page_of_two, DOMICILE)


@pytest.mark.parametrize(
    "changes, error",
    [
        ({"reason": " \n "}, "Inscrivez le motif"),
        ({"reason": "x" * 2001}, "Ce texte a"),
        ({"decision": ""}, "Choisissez : confirmer ce critère, ou l’écarter."),
        ({"seen": ""}, "Le formulaire reçu est incomplet"),
        ({"filing": "999999"}, "Le formulaire reçu est incomplet"),
    ],
)
def test_errors_of_a_ruling_are_at_their_field_and_text_is_kept(
    two: Submission, staff: User, asked: dict[str, Any], changes: dict[str, str], error: str
) -> None:
    sent = asked | {"decision": OVERTURNED, "reason": WORDS} | changes
    answer = post(staff, two, DOMICILE, **sent)
    assert answer.status_code == 422
    forms = {row.position: row.form for row in answer.context["reserve"].findings}
    assert error in one_line_of(answer)
    assert forms[DOMICILE]["reason"].value() == changes.get("reason", WORDS)
    assert not forms[AGE].errors
    assert not Ruling.objects.exists()


def test_a_concurrent_ruling_is_displayed_and_typed_text_kept(two: Submission) -> None:
    staff, colleague = make_staff(), make_staff()
    filing = two.standing_filing_id
    make_ruling(two, AGE, CONFIRMED, reason="Né en 1970.", staff=colleague)
    answer = post(staff, two, AGE, filing=filing, seen=0, decision=OVERTURNED, reason=WORDS)
    assert answer.status_code == 422
    shown = one_line_of(answer)
    assert f"{colleague} a révisé ce critère" in shown
    assert "Né en 1970." in shown
    assert WORDS in shown
    assert Ruling.objects.count() == 1
    form = next(row.form for row in answer.context["reserve"].findings if row.position == AGE)
    post(
        staff, two, AGE, **{field.html_name.removeprefix(f"constat-{AGE}-"): field.value() for field in form}
    )
    assert list(Ruling.objects.order_by("pk").values_list("reason", flat=True)) == ["Né en 1970.", WORDS]


def test_a_human_review_settled_meanwhile_keeps_typed_text(one: Submission) -> None:
    filing = one.standing_filing_id
    make_ruling(one, AGE, CONFIRMED)
    answer = post(make_staff(), one, AGE, filing=filing, seen=0, decision=OVERTURNED, reason=WORDS)
    assert answer.status_code == 422
    assert "Votre décision n’est pas enregistrée" in one_line_of(answer)
    assert WORDS in one_line_of(answer)


@pytest.mark.parametrize("birth_date", ["1970-01-01", "1971-01-01", None])
def test_a_filing_replaced_meanwhile_is_reported_and_typed_text_kept(
    one: Submission, birth_date: str | None
) -> None:
    old = one.standing_filing_id
    assert one.standing_filing is not None
    draft = start_amendment(submission=one, actor=one.candidate)
    draft.answers |= {"birth_date": birth_date or "1999-01-01"}
    draft.save()
    refile(draft)
    answer = post(make_staff(), one, AGE, filing=old, seen=0, decision=OVERTURNED, reason=WORDS)
    assert answer.status_code == 422
    assert "La personne candidate a remplacé son dépôt pendant votre lecture" in one_line_of(answer)
    assert WORDS in one_line_of(answer)
    assert not Ruling.objects.exists()


def refile(draft: Draft) -> None:
    file_draft(
        draft=draft,
        actor=draft.submission.candidate,
        declarations=ALL_DECLARATIONS,
        review_message="Voyez de nouveau.",
    )


def test_an_upheld_review_is_reopened_from_the_page_of_the_file(two: Submission) -> None:
    for position in (AGE, DOMICILE):
        make_ruling(two, position, CONFIRMED)
    staff = make_staff()
    page = reverse("review:move", args=[two.public_id, "judge-again"])
    reopen = reverse("review:move", args=[two.public_id, "reopen"])
    text = read(staff, two)
    assert page in text
    assert reopen not in text
    client = client_of(staff)
    assert "Rouvrir la révision permet de réviser de nouveau chaque critère en cause" in one_line_of(
        client.get(reopen, follow=True)
    )
    form = client.get(page).context["form"]
    sent = {"version": form["version"].value(), "reason": ""}
    assert client.post(page, sent).status_code == 422
    done = client.post(page, sent | {"reason": "Une pièce est arrivée."}, follow=True)
    reserve = done.context["reserve"]
    assert (reserve.reserve, reserve.waiting) == (HumanReview.PENDING, 2)
    assert [len(row.earlier) for row in reserve.findings] == [1, 1], "what was ruled stays written"
    assert "À réviser" in one_line_of(done)
    assert page not in one_line_of(done)
    assert "L’état de la candidature a changé" in one_line_of(client.get(page, follow=True))
    again = send(staff, two, AGE, done, decision=OVERTURNED, reason=WORDS)
    assert "Critères à réviser encore : 1" in one_line_of(again)
    again = send(staff, two, DOMICILE, again, decision=OVERTURNED, reason=WORDS)
    assert "Révision terminée" in one_line_of(again)


def test_a_ruling_sent_twice_is_stored_once_and_confirmed_twice(one: Submission) -> None:
    staff, filing = make_staff(), one.standing_filing_id
    for _press in range(2):
        answer = post(staff, one, AGE, filing=filing, seen=0, decision=OVERTURNED, reason=WORDS)
        assert "Révision terminée" in one_line_of(answer)
    assert Ruling.objects.count() == 1


def test_a_finding_is_not_ruled_on_while_a_complement_may_be_filed(one: Submission, staff: User) -> None:
    page = opened(staff, one)
    close_after_filings(one.offer)
    request_complement_for(one, staff=staff)
    answer = send(staff, one, AGE, page)
    assert "Révisez ce critère ensuite. Rien n’est enregistré." in one_line_of(answer)
    assert not Ruling.objects.exists()


def test_a_finding_is_not_verified_before_it_is_ruled_on(one: Submission, staff: User) -> None:
    sent: dict[str, Any] = {
        "filing": one.standing_filing_id,
        "seen": 0,
        "outcome": "CONFIRMED",
        "note": WORDS,
    }
    sent |= {"document": "", "page": ""}
    fields = {f"verification-{AGE}-{name}": value for name, value in sent.items()}
    answer = client_of(staff).post(reverse("review:verify", args=[one.public_id, AGE]), fields, follow=True)
    assert "Votre vérification n’est pas enregistrée." in one_line_of(answer)
    assert not Evidence.objects.exists()


def test_a_finding_that_the_rules_accept_gets_no_ruling(one: Submission) -> None:
    for position in (0, 99):
        answer = post(
            make_staff(),
            one,
            position,
            filing=one.standing_filing_id,
            seen=0,
            decision=CONFIRMED,
            reason=WORDS,
        )
        assert answer.status_code == 422
        assert "Ce constat n’est pas à réviser" in one_line_of(answer)
    one.refresh_from_db()
    assert (one.reserve, Ruling.objects.count()) == (HumanReview.PENDING, 0)


def test_a_withdrawn_file_gets_a_ruling_and_stays_withdrawn(one: Submission) -> None:
    withdraw_submission(submission=one, actor=one.candidate, reason="Un emploi")
    staff = make_staff()
    page = opened(staff, one)
    assert "la candidature reste un désistement" in one_line_of(page)
    assert "reste un désistement" in one_line_of(send(staff, one, AGE, page))


def test_a_file_without_human_review_mentions_none(page_of_one: Any) -> None:
    staff = make_staff()
    shown, reserved = read(staff, make_filing().filing.submission), one_line_of(page_of_one)
    for words in ("Révision par une personne", "Une révision est demandée"):
        assert words not in shown
        assert words in reserved


# -- The shortlist -------------------------------------------------------------------------------------------
def test_a_file_with_a_pending_or_upheld_review_is_not_shortlisted(one: Submission, two: Submission) -> None:
    waiting, upheld, lifted = one, two, make_filed_for_review(one.offer, last_name="Trois")
    for position in (AGE, DOMICILE):
        make_ruling(upheld, position, CONFIRMED)
    make_ruling(lifted, AGE, OVERTURNED)
    staff = make_staff()
    for action in (Action.START_REVIEW, Action.SHORTLIST):
        for submission in (waiting, upheld, lifted):
            submission.refresh_from_db()
        run_bulk_action(staff, action, waiting, upheld, lifted)
    listed = Submission.objects.filter(state=State.SHORTLISTED)
    assert list(listed.values_list("pk", flat=True)) == [lifted.pk]
