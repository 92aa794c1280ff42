"""Adding committee members in the administration: by the operations, as staff."""

import pytest
from django.urls import reverse

from intake.journal.models import Entry
from intake.review.models import CommitteeMember
from tests.factories.people import client_of, make_staff, make_user
from tests.factories.review import make_filed, make_reviewer
from tests.factories.submissions import make_open_offer

pytestmark = pytest.mark.django_db

ADD = "admin:review_committeemember_add"


def test_staff_add_and_remove_a_member_with_journal_entries() -> None:
    offer, reviewer, staff = make_open_offer(), make_reviewer(), make_staff()
    client = client_of(staff)
    assert client.post(reverse(ADD), {"offer": offer.pk, "reviewer": reviewer.pk}).status_code == 302
    member = CommitteeMember.objects.get()
    assert (member.offer, member.reviewer) == (offer, reviewer)
    page = reverse("admin:review_committeemember_delete", args=[member.pk])
    client.post(page, {"seen": client.get(page).context["proposal"].digest})
    assert not CommitteeMember.objects.exists()
    acts = Entry.objects.filter(subject_id=str(offer.public_id), actor=staff, action__startswith="COMMITTEE")
    assert list(acts.order_by("pk").values_list("action", flat=True)) == [
        "COMMITTEE_MEMBER_ADDED",
        "COMMITTEE_MEMBER_REMOVED",
    ]


def test_a_repeated_member_is_refused_with_a_message() -> None:
    offer = make_open_offer()
    reviewer = make_reviewer(offer)
    answer = client_of(make_staff()).post(reverse(ADD), {"offer": offer.pk, "reviewer": reviewer.pk})
    assert "Cette personne siège déjà au comité de cette offre." in answer.content.decode()
    assert CommitteeMember.objects.count() == 1


def test_staff_may_add_or_remove_neither_themselves_nor_a_candidate() -> None:
    offer, staff, other, applicant = make_open_offer(), make_staff(), make_staff(), make_staff()
    make_filed(offer, candidate=applicant)
    client = client_of(staff)
    assert f'<option value="{staff.pk}">' not in client.get(reverse(ADD)).content.decode()
    assert f'<option value="{staff.pk}">' in client_of(other).get(reverse(ADD)).content.decode()
    refused = client.post(reverse(ADD), {"offer": offer.pk, "reviewer": applicant.pk})
    assert "elle ne peut pas siéger au comité" in refused.content.decode()
    client.post(reverse(ADD), {"offer": offer.pk, "reviewer": staff.pk})
    assert not CommitteeMember.objects.exists()
    client_of(other).post(reverse(ADD), {"offer": offer.pk, "reviewer": staff.pk})
    member = CommitteeMember.objects.get()
    page = reverse("admin:review_committeemember_delete", args=[member.pk])
    sent = {"seen": client_of(other).get(page).context["proposal"].digest}
    assert client.post(page, sent).status_code == 403
    assert client_of(other).post(page, sent).status_code == 302
    assert not CommitteeMember.objects.exists()


def test_only_users_who_may_assess_are_proposed_as_members() -> None:
    candidate, reviewer = make_user(), make_reviewer()
    page = client_of(make_staff()).get(reverse(ADD)).content.decode()
    assert f'<option value="{reviewer.pk}">' in page
    assert f'<option value="{candidate.pk}">' not in page
    answer = client_of(make_staff()).post(
        reverse(ADD), {"offer": make_open_offer().pk, "reviewer": candidate.pk}
    )
    assert answer.status_code == 200
    assert not CommitteeMember.objects.exists()


def test_a_reviewer_may_not_add_or_remove_a_member() -> None:
    member = make_reviewer(make_open_offer())
    seat, client = CommitteeMember.objects.get(), client_of(member)
    asked = {"offer": make_open_offer().pk, "reviewer": make_reviewer().pk}
    remove = reverse("admin:review_committeemember_delete", args=[seat.pk])
    assert client.get(reverse(ADD)).status_code == 403
    assert client.post(reverse(ADD), asked).status_code == 403
    assert client.post(remove, {"seen": "x"}).status_code == 403
    assert CommitteeMember.objects.get() == seat
