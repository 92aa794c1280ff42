"""The anchor files that a reader may see, and the severity of each member over the marks that they may read."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import QuerySet

from intake.accounts.models import User
from intake.review.access.anonymous_review import with_name_visibility
from intake.review.access.visibility import visible_submissions
from intake.review.assignment.queries import members_of
from intake.review.marks.queries import marked_by
from intake.review.models import AnchorFile
from intake.review.ranking.severity import Severity, severities
from intake.review.ranking.table import readable_scores
from intake.submissions.models import Submission
from offers.models import Offer


@dataclass(frozen=True, slots=True)
class MemberSeverity:
    """One member: severity over the anchor files alone, then over all files that several members marked."""

    member: User
    sits: bool
    before: Severity | None
    after: Severity | None


def anchors_of(*, user: User, offer: Offer) -> QuerySet[Submission]:
    """Return the anchor files of `offer` that `user` may read, with the annotation `is_marked`: by `user`."""
    files = with_name_visibility(visible_submissions(user), user).select_related("standing_filing__receipt")
    anchors = files.filter(pk__in=AnchorFile.objects.values("submission"), offer=offer)
    return anchors.annotate(is_marked=marked_by(user)).order_by("received_at", "pk")


def severities_of(*, user: User, offer: Offer) -> list[MemberSeverity]:
    """Return the line of each member of the committee of `offer`, by email address; for no decider, their own alone.

    Over the marks that `user` may read: a member learns nothing of a file that they have not marked.
    """
    sheet = readable_scores(user=user, offer=offer)
    anchors = set(anchors_of(user=user, offer=offer).values_list("pk", flat=True))
    before = severities({file: given for file, given in sheet.items() if file in anchors})
    return _lines(user, offer, before, severities(sheet))


def _lines(
    user: User, offer: Offer, before: Mapping[int, Severity], after: Mapping[int, Severity]
) -> list[MemberSeverity]:
    if user.has_perm("submissions.decide_submission"):
        sitting = set(members_of(offer).values_list("pk", flat=True))
        people = User.objects.filter(pk__in=sitting | after.keys()).order_by("email")
    else:
        sitting, people = {user.pk}, User.objects.filter(pk=user.pk)
    return [
        MemberSeverity(person, person.pk in sitting, before.get(person.pk), after.get(person.pk))
        for person in people
    ]
