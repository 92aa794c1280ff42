"""Revoking a batch of decisions: in which states, by whom, and the fate of its deliveries."""

from collections.abc import Callable
from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from intake.accounts.models import User
from intake.accounts.roles import Role
from intake.accounts.services import set_roles
from intake.journal.models import Entry
from intake.outbox.models import Delivery
from intake.review.access.errors import InConflictError, OwnSubmissionError
from intake.review.decisions import sending
from intake.review.decisions.errors import BatchClosedError
from intake.review.decisions.operations import prepare_batch, release_batch, revoke_batch
from intake.review.models import DecisionBatch
from intake.submissions.delivery_kinds import DECISION_MAIL
from intake.submissions.models import Submission
from intake.submissions.states import Action
from offers.models import Offer
from tests.database_roles import as_owner
from tests.factories.decisions import make_batch, release, send
from tests.factories.people import client_of, make_staff, make_user
from tests.factories.review import make_conflict, make_filed, make_reviewer, make_shortlisted
from tests.factories.submissions import make_draft, make_open_offer
from tests.submissions.pages import text_of

pytestmark = pytest.mark.django_db


# -- The states of a batch of two ----------------------------------------------------------------------------
def prepared(batch: DecisionBatch) -> None:
    """Leave the batch as prepared."""
    del batch


def approved(batch: DecisionBatch) -> None:
    release(batch, release_at=timezone.now() + timedelta(days=1))


def begun(batch: DecisionBatch) -> None:
    """Announce the first of its two decisions."""
    release(batch)
    sending.announce_decision(item_id=batch.items.order_by("pk")[0].pk, at=timezone.now())


def returned(batch: DecisionBatch) -> None:
    """Send the batch after its approver lost the permission, so that it is PREPARED again."""
    approver = make_staff()
    release(batch, by=approver)
    with as_owner():
        set_roles(user=approver, roles={Role.REVIEWER})
    send(batch)


def sent(batch: DecisionBatch) -> None:
    send(release(batch))


def called_off(batch: DecisionBatch) -> None:
    revoke_batch(batch=batch, actor=make_staff(), at=timezone.now())


OPEN = {"prepared": prepared, "approved": approved, "begun": begun, "returned": returned}
CLOSED = {"sent": sent, "called off": called_off}


# -- Permissions ----------------------------------------------------------------------------------------------
def preparer(batch: DecisionBatch) -> User:
    return batch.prepared_by


def another(_batch: DecisionBatch) -> User:
    return make_staff()


def reviewer(batch: DecisionBatch) -> User:
    return make_reviewer(batch.offer)


def candidate(batch: DecisionBatch) -> User:
    return batch.items.order_by("pk")[0].submission.candidate


def former_staff(_batch: DecisionBatch) -> User:
    left = make_staff()
    with as_owner():
        set_roles(user=left, roles=set())
    return User.objects.get(pk=left.pk)


def in_conflict(batch: DecisionBatch) -> User:
    bound = make_staff()
    make_conflict(make_filed(batch.offer), bound)
    return bound


def applicant(batch: DecisionBatch) -> User:
    bound = make_staff()
    make_draft(offer=batch.offer, candidate=bound)
    return bound


MAY = {"preparer": preparer, "another": another}
MAY_NOT: dict[str, tuple[Callable[[DecisionBatch], User], type[Exception], int, str]] = {
    # Person, result of the operation, status of the page, and the page that it redirects to.
    "reviewer": (reviewer, PermissionDenied, 403, ""),
    "candidate": (candidate, PermissionDenied, 302, "admin:login"),
    "former staff": (former_staff, PermissionDenied, 403, ""),
    "in conflict": (in_conflict, InConflictError, 302, "review:decisions"),
    "rival": (applicant, OwnSubmissionError, 302, "review:decisions"),
}


@pytest.fixture(scope="module")
def kept_batch(module_db: None) -> DecisionBatch:
    offer = make_open_offer()
    return make_batch(make_shortlisted(offer), make_shortlisted(offer))


@pytest.fixture
def batch(kept_batch: DecisionBatch) -> DecisionBatch:
    return deepcopy(kept_batch)


@pytest.fixture
def offer(batch: DecisionBatch) -> Offer:
    return batch.offer


def in_state(batch: DecisionBatch, reach: Callable[[DecisionBatch], None]) -> DecisionBatch:
    reach(batch)
    return DecisionBatch.objects.select_related("offer", "prepared_by", "released_by").get(pk=batch.pk)


def revoke(batch: DecisionBatch, actor: User) -> DecisionBatch:
    return revoke_batch(batch=batch, actor=User.objects.get(pk=actor.pk), at=timezone.now())


def items(batch: DecisionBatch) -> list[str]:
    return list(batch.items.order_by("pk").values_list("state", flat=True))


def states(batch: DecisionBatch) -> list[str]:
    return list(batch.items.order_by("pk").values_list("submission__state", flat=True))


def mails() -> int:
    return Delivery.objects.filter(kind=DECISION_MAIL).count()


def press(user: User, batch: DecisionBatch, method: str = "post", **options: Any) -> HttpResponseBase:
    client = client_of(User.objects.get(pk=user.pk))
    answer: HttpResponseBase = getattr(client, method)(
        reverse("review:revoke_decisions", args=[batch.pk]), **options
    )
    return answer


# -- By operation -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("state", OPEN)
@pytest.mark.parametrize("who", MAY)
def test_a_decider_revokes_the_unsent_decisions_of_a_batch(
    batch: DecisionBatch, state: str, who: str
) -> None:
    batch = in_state(batch, OPEN[state])
    actor = MAY[who](batch)
    left = 1 if state == "begun" else 0
    revoked = revoke(batch, actor)
    assert (revoked.state, revoked.revoked_by) == ("REVOKED", actor)
    assert revoked.ended_at is not None
    assert items(batch) == (["DONE", "REVOKED"] if left else ["REVOKED", "REVOKED"])
    send(batch)  # its deliveries are still in the outbox
    assert mails() == left
    assert states(batch) == (["DECLINED", "SHORTLISTED"] if left else ["SHORTLISTED", "SHORTLISTED"])
    entry = Entry.objects.get(action="DECISIONS_REVOKED")
    assert (entry.actor, entry.detail) == (actor, f"items={2 - left}")


@pytest.mark.parametrize(
    "who,state",
    [
        # Each person and each state once: the operation checks the person before the state.
        pytest.param(who, state, marks=() if who == "reviewer" or state == "prepared" else pytest.mark.full)
        for who in MAY_NOT
        for state in (*OPEN, *CLOSED)
    ],
)
def test_a_user_who_may_not_decide_cannot_revoke_a_batch(batch: DecisionBatch, state: str, who: str) -> None:
    batch = in_state(batch, (OPEN | CLOSED)[state])
    make, refusal, _status, _page = MAY_NOT[who]
    actor, before = make(batch), (batch.state, items(batch))
    with pytest.raises(refusal):
        revoke(batch, actor)
    batch.refresh_from_db()
    assert (batch.state, items(batch)) == before


@pytest.mark.parametrize("state", CLOSED)
@pytest.mark.parametrize("who", MAY)
def test_a_closed_batch_cannot_be_revoked(batch: DecisionBatch, state: str, who: str) -> None:
    batch = in_state(batch, CLOSED[state])
    before = (batch.state, batch.revoked_by, batch.ended_at, items(batch), mails())
    with pytest.raises(BatchClosedError):
        revoke(batch, MAY[who](batch))
    batch.refresh_from_db()
    assert (batch.state, batch.revoked_by, batch.ended_at, items(batch), mails()) == before


@pytest.mark.parametrize("state", OPEN)
def test_a_revoked_batch_cannot_be_released(batch: DecisionBatch, state: str) -> None:
    batch = in_state(batch, OPEN[state])
    revoke(batch, make_staff())
    with pytest.raises(BatchClosedError):
        release_batch(batch=batch, actor=make_staff(), version=batch.version, at=timezone.now())
    waiting = batch.items.filter(state="REVOKED").order_by("pk")
    again = Submission.objects.filter(pk__in=waiting.values("submission"))
    send(release(make_batch(*again)))
    assert set(again.values_list("state", flat=True)) == {"DECLINED"}, "others are decided of again"


def test_a_new_batch_after_a_revocation_keeps_its_own_release_instant(
    offer: Offer,
) -> None:
    submission = make_shortlisted(offer)
    first = make_batch(submission)
    release(first)  # due now
    revoke(first, make_staff())
    second = make_batch(submission)
    release(second, release_at=timezone.now() + timedelta(days=3))
    send(first)
    submission.refresh_from_db()
    assert (submission.state, mails()) == ("SHORTLISTED", 0)


@pytest.mark.parametrize("state", ["approved", "begun"])
def test_a_job_started_before_a_revocation_decides_no_more(batch: DecisionBatch, state: str) -> None:
    batch = in_state(batch, OPEN[state])
    revoke(batch, make_staff())
    before = (items(batch), states(batch), mails())
    for item in batch.items.order_by("pk"):
        sending.announce_decision(item_id=item.pk, at=timezone.now())
    assert (items(batch), states(batch), mails()) == before


# -- By page -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "state, said",
    [
        ("prepared", "et aucune candidature n’a changé d’état"),
        ("approved", "et aucune candidature n’a changé d’état"),
        ("returned", "et aucune candidature n’a changé d’état"),
        ("begun", "Des messages étaient déjà envoyés"),
    ],
)
def test_the_page_confirms_with_the_count_then_reports_sent_decisions(
    batch: DecisionBatch, state: str, said: str
) -> None:
    batch = in_state(batch, OPEN[state])
    actor = make_staff()
    asked = text_of(press(actor, batch, "get").content)  # type: ignore[attr-defined]  # -- a page
    assert ("1 décision ne sera pas" if state == "begun" else "2 décisions ne seront pas") in asked
    batch.refresh_from_db()
    assert batch.state != "REVOKED", "to read the page calls nothing off"
    done = text_of(press(actor, batch, follow=True).content)  # type: ignore[attr-defined]  # -- a page
    assert said in done
    batch.refresh_from_db()
    assert (batch.state, batch.revoked_by) == ("REVOKED", actor)


def test_a_repeated_revocation_changes_no_row_and_reports_no_error(batch: DecisionBatch) -> None:
    first, second = make_staff(), make_staff()
    said = text_of(press(first, batch, follow=True).content)  # type: ignore[attr-defined]  # -- a page
    assert "messagelist" in said
    for who in (first, second):
        page = text_of(press(who, batch, follow=True).content)  # type: ignore[attr-defined]  # -- a page
        assert "messagelist" not in page, "it was said once, to the person who did it"
    batch.refresh_from_db()
    assert batch.revoked_by == first
    assert Entry.objects.filter(action="DECISIONS_REVOKED").count() == 1


@pytest.mark.parametrize("state", CLOSED)
def test_a_closed_batch_has_no_revocation_page(batch: DecisionBatch, state: str) -> None:
    batch = in_state(batch, CLOSED[state])
    answer = press(make_staff(), batch, "get")
    assert answer.status_code == 302
    assert answer["Location"] == reverse("review:decision_batch", args=[batch.pk])


def test_revoking_a_sent_batch_is_refused_with_a_message(batch: DecisionBatch) -> None:
    batch = in_state(batch, sent)
    page = text_of(press(make_staff(), batch, follow=True).content)  # type: ignore[attr-defined]  # -- a page
    assert "Ce lot est maintenant dans l’état « Annoncé »" in page
    assert items(batch) == ["DONE", "DONE"]


@pytest.mark.parametrize("who", MAY_NOT)
@pytest.mark.parametrize("method", ["get", "post"])
def test_the_revocation_page_refuses_users_who_may_not_decide(
    batch: DecisionBatch, who: str, method: str
) -> None:
    make, _refusal, status, page = MAY_NOT[who]
    answer = press(make(batch), batch, method)
    assert answer.status_code == status
    assert answer.get("Location", "").partition("?")[0] == (reverse(page) if page else "")
    batch.refresh_from_db()
    assert (batch.state, items(batch)) == ("PREPARED", ["OPEN", "OPEN"])


def test_a_user_who_may_only_prepare_revokes_too(offer: Offer) -> None:
    submission = make_shortlisted(offer)
    batch = prepare_batch(
        offer=offer,
        action=Action.DECLINE,
        title="Lot",
        word="",
        reason="Essai.",
        chosen={submission.pk: ""},
        actor=make_staff(),
    )
    only_prepares = make_user()
    _grant(only_prepares, "review.prepare_decisions", "submissions.decide_submission")
    assert revoke(batch, only_prepares).state == "REVOKED"


def test_a_decider_who_neither_prepares_nor_approves_may_not_revoke(batch: DecisionBatch) -> None:
    decides = make_user()
    _grant(decides, "submissions.decide_submission")
    with pytest.raises(PermissionDenied):
        revoke(batch, decides)


def _grant(user: User, *permissions: str) -> None:
    for permission in permissions:
        label, codename = permission.split(".")
        with as_owner():
            user.user_permissions.add(
                Permission.objects.get(content_type__app_label=label, codename=codename)
            )
