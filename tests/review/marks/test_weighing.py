"""Weights of grid lines: who may change them, and that no unread change of another user is overwritten."""

from typing import Any

import pytest
from django.urls import reverse

from intake.accounts.roles import Role
from intake.journal.models import Entry
from intake.review.access.errors import InConflictError, OwnSubmissionError, ReviewError
from intake.review.access.visibility import grid_lines_of
from intake.review.marks.errors import StaleWeightsError
from intake.review.marks.operations import set_line_weights
from intake.review.marks.queries import weights_of
from intake.review.marks.scores import weights_digest
from intake.review.models import LineWeight
from intake.submissions.models import Submission
from offers.models import GridLineData
from tests.factories.people import client_of, give_role, make_staff
from tests.factories.review import make_conflict, make_filed
from tests.factories.submissions import make_open_offer
from tests.submissions.pages import text_of
from tests.two_connections import act_meanwhile

pytestmark = pytest.mark.django_db


@pytest.fixture
def filed() -> Submission:
    """A submission to an offer with one required line and one asset line."""
    grid = (GridLineData(text="a mené un projet"), GridLineData(text="connaît R", requirement="ASSET"))
    return make_filed(make_open_offer(grid=grid))


def page_of(filed: Submission) -> str:
    return reverse("review:weights", args=[filed.offer.number])


def form_of(answer: Any) -> dict[str, Any]:
    """Return the data that the form of a page sends unchanged."""
    return {field.html_name: field.value() for field in answer.context["form"]}


def weighing(filed: Submission) -> list[int]:
    return list(weights_of(grid_lines_of(filed.offer)).values())


def test_concurrent_weights_are_not_overwritten(filed: Submission) -> None:
    first, second = filed.offer.grid_lines.order_by("position")
    one, other, page = client_of(make_staff()), client_of(make_staff()), page_of(filed)
    sent, late = form_of(one.get(page)), form_of(other.get(page))
    sent |= {f"weight_{first.pk}": 5}
    late |= {f"weight_{second.pk}": 7}
    for _click in range(2):
        assert one.post(page, sent).status_code == 302
    answer = other.post(page, late)
    assert answer.status_code == 422
    said = text_of(answer.content)
    assert said.count("Les pondérations ont changé dans une autre fenêtre ou par une autre personne") == 1
    assert "Le poids de cette ligne est maintenant 5." in said
    assert "Le poids de cette ligne est maintenant 1." in said
    assert weighing(filed) == [5, 1]
    again = form_of(answer)
    assert [again[f"weight_{line.pk}"] for line in (first, second)] == ["2", "7"], "as it was typed"
    assert other.post(page, again).status_code == 302
    assert weighing(filed) == [2, 7]
    assert Entry.objects.filter(action="LINES_WEIGHED").count() == 2


@pytest.mark.parametrize(
    "refusal, said",
    [
        (OwnSubmissionError, "Vous avez postulé à cette offre"),
        (InConflictError, "Vous avez un conflit d’intérêts pour une candidature à cette offre"),
    ],
)
def test_a_user_in_conflict_may_not_change_weights(
    filed: Submission, refusal: type[ReviewError], said: str
) -> None:
    actor = filed.candidate
    if refusal is OwnSubmissionError:
        give_role(user=actor, role=Role.STAFF)
    else:
        actor = make_staff()
        make_conflict(filed, actor)
    line = filed.offer.grid_lines.order_by("position")[0]
    with pytest.raises(refusal):
        set_line_weights(offer=filed.offer, weights={line.pk: 9}, actor=actor)
    browser = client_of(actor)
    answer = browser.post(page_of(filed), form_of(browser.get(page_of(filed))) | {f"weight_{line.pk}": 9})
    assert answer.status_code == 422
    assert said in text_of(answer.content)
    assert 'value="9"' in text_of(answer.content)
    assert not LineWeight.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_simultaneous_changes_of_weights_are_serialised_and_the_second_refused(filed: Submission) -> None:
    first, second = filed.offer.grid_lines.order_by("position")
    seen = weights_digest(weights_of(grid_lines_of(filed.offer)))
    one, other = make_staff(), make_staff()

    with pytest.raises(StaleWeightsError):
        act_meanwhile(
            lambda: set_line_weights(offer=filed.offer, weights={second.pk: 7}, actor=other, seen=seen),
            lambda: set_line_weights(offer=filed.offer, weights={first.pk: 5}, actor=one, seen=seen),
        )
    assert weighing(filed) == [5, 1]
