"""The page « Calibrage »: anchors, who reads which line, and over which marks."""

from dataclasses import dataclass

import pytest
from django.urls import reverse
from django.utils import timezone

from intake.accounts.models import User
from intake.review.assignment.operations import assign_files
from intake.review.assignment.queries import propose_division
from intake.review.calibration.operations import NotAnAnchorError, name_anchor
from intake.review.calibration.queries import MemberSeverity, severities_of
from intake.review.committees.operations import start_anonymous_review
from intake.review.models import AnchorFile, Assignment
from intake.review.ranking.severity import Severity
from intake.review.ranking.table import ranking_table_of
from intake.submissions.models import Submission
from offers.models import Offer
from tests.factories.people import client_of, make_staff
from tests.factories.review import make_assessment, make_conflict, make_filed, make_reviewer
from tests.factories.submissions import make_open_offer
from tests.review.reading import number_of, one_line_of

pytestmark = pytest.mark.django_db


@dataclass(frozen=True, slots=True)
class Panel:
    """Three files, the first an anchor; Ann marks one lower than Bob, Cat marked nothing."""

    offer: Offer
    files: list[Submission]
    ann: User
    bob: User
    cat: User
    staff: User


@pytest.fixture
def panel() -> Panel:
    offer = make_open_offer()
    files = [make_filed(offer) for _file in range(3)]
    ann, bob, cat = (make_reviewer(offer, email=f"{name}@exemple.org") for name in ("ann", "bob", "cat"))
    staff = make_staff()
    name_anchor(offer=offer, number=number_of(files[0]), actor=staff, at=timezone.now())
    for file, mark in zip(files, (1, 2, 3), strict=True):
        make_assessment(file, ann, mark)
        make_assessment(file, bob, mark + 1)
    return Panel(offer, files, ann, bob, cat, staff)


def address_of(panel: Panel) -> str:
    return reverse("review:calibration", args=[panel.offer.number])


def line_of(panel: Panel, member: User, reader: User) -> MemberSeverity:
    (line,) = [each for each in severities_of(user=reader, offer=panel.offer) if each.member == member]
    return line


def after(panel: Panel, member: User, reader: User) -> Severity:
    found = line_of(panel, member, reader).after
    assert found is not None
    return found


def test_staff_read_each_member_before_and_after(panel: Panel) -> None:
    line = line_of(panel, panel.ann, panel.staff)

    assert line.before is not None
    assert line.before.files == 1
    assert line.before.offset.value == pytest.approx(-0.5)
    assert after(panel, panel.ann, panel.staff).files == len(panel.files)
    assert line_of(panel, panel.cat, panel.staff).after is None
    shown = one_line_of(client_of(panel.staff).get(address_of(panel)))
    assert "−0,50" in shown
    assert "les moyennes et le classement restent ce qu’ils sont" in shown


def test_a_member_reads_no_line_but_their_own(panel: Panel) -> None:
    response = client_of(panel.ann).get(address_of(panel))

    assert [row["line"].member for row in response.context["lines"]] == [panel.ann]
    shown = one_line_of(response)
    assert str(panel.ann) in shown
    assert str(panel.bob) not in shown
    assert str(panel.cat) not in shown


def test_a_member_learns_nothing_of_files_that_they_have_not_marked(panel: Panel) -> None:
    make_assessment(panel.files[0], panel.cat, 5)

    assert after(panel, panel.cat, panel.cat).files == 1
    before = after(panel, panel.cat, panel.cat)
    make_assessment(panel.files[2], panel.ann, 0)
    assert after(panel, panel.cat, panel.cat) == before
    assert after(panel, panel.cat, panel.staff) != before


def test_calibration_changes_no_mean_and_no_rank(panel: Panel) -> None:
    ranked = ranking_table_of(user=panel.staff, offer=panel.offer).ranked
    AnchorFile.objects.all().delete()

    assert ranking_table_of(user=panel.staff, offer=panel.offer).ranked == ranked


def test_marks_of_a_member_in_conflict_are_left_out(panel: Panel) -> None:
    make_conflict(panel.files[0], panel.bob)

    assert line_of(panel, panel.bob, panel.staff).before is None
    assert after(panel, panel.bob, panel.staff).files == len(panel.files) - 1
    response = client_of(panel.bob).get(address_of(panel))
    assert response.context["anchors"] == []
    assert number_of(panel.files[0]) not in one_line_of(response)


def test_an_anonymous_review_hides_the_names_of_anchors(panel: Panel) -> None:
    start_anonymous_review(offer=panel.offer, actor=panel.staff)
    name = panel.files[0].filed_name

    assert name not in one_line_of(client_of(panel.ann).get(address_of(panel)))
    assert name in one_line_of(client_of(panel.staff).get(address_of(panel)))


def test_an_anchor_is_assigned_to_every_member_who_may_assess_it(panel: Panel) -> None:
    make_conflict(panel.files[1], panel.bob)
    pairs, way = [(panel.files[2].pk, panel.cat.pk)], Assignment.Way.HAND
    assign_files(offer=panel.offer, pairs=pairs, way=way, due_on=None, actor=panel.staff, at=timezone.now())

    for _twice in range(2):
        name_anchor(offer=panel.offer, number=number_of(panel.files[1]), actor=panel.staff, at=timezone.now())

    given = Assignment.objects.filter(submission=panel.files[1]).values_list("reviewer", flat=True)
    assert set(given) == {panel.ann.pk, panel.cat.pk}


def test_an_even_division_gives_an_anchor_to_all_members() -> None:
    offer = make_open_offer()
    files = [make_filed(offer) for _file in range(2)]
    members = [make_reviewer(offer) for _member in range(3)]
    staff = make_staff()
    make_conflict(files[1], members[0])
    name_anchor(offer=offer, number=number_of(files[1]), actor=staff, at=timezone.now())

    division = propose_division(offer=offer, readers=1, actor=staff).division

    assert {member for file, member in division.given if file == files[1].pk} == {
        members[1].pk,
        members[2].pk,
    }
    assert not division.short


def test_a_number_of_another_offer_names_no_anchor(panel: Panel) -> None:
    other = make_filed(make_open_offer())

    with pytest.raises(NotAnAnchorError):
        name_anchor(offer=panel.offer, number=number_of(other), actor=panel.staff, at=timezone.now())

    sent = client_of(panel.staff).post(address_of(panel), {"number": number_of(other)})
    assert sent.status_code == 422
    assert str(NotAnAnchorError()) in one_line_of(sent)


def test_staff_name_and_remove_an_anchor_on_the_page(panel: Panel) -> None:
    client = client_of(panel.staff)

    assert client.post(address_of(panel), {"number": number_of(panel.files[1])}).status_code == 302
    assert AnchorFile.objects.filter(submission=panel.files[1]).exists()
    assert (
        client.post(address_of(panel), {"number": number_of(panel.files[1]), "acte": "retirer"}).status_code
        == 302
    )
    assert not AnchorFile.objects.filter(submission=panel.files[1]).exists()


def test_the_dashboard_lists_anchors_first(panel: Panel) -> None:
    shown = client_of(panel.cat).get(reverse("admin:index")).context["mine"]

    assert [file.is_anchor for file in shown.files] == [True, False, False]
    assert [offer.number for offer in shown.calibrated] == [panel.offer.number]
