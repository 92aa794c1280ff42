"""Queries for staff who give a personal extension: search of candidates, and their closings."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Concat

from intake.accounts.models import User
from intake.accounts.selectors import address_prefix_condition
from intake.base.folding import folded
from intake.base.folding import search_words as words_of
from intake.journal.selectors import subjects_hidden_from
from intake.submissions.access.queries import with_window
from intake.submissions.models import FilingWindow, PersonalExtension, Submission
from offers.models import Offer

MAX_FOUND = 20
MAX_SHOWN = 50


@dataclass(frozen=True, slots=True)
class CandidateResult:
    """A candidate who may be given a personal extension of an offer."""

    user: User
    name: str
    """From the profile; empty if it has none."""
    submission: Submission | None
    window: FilingWindow


def extendable_candidates(offer: Offer, asker: User) -> QuerySet[User]:
    """Return the candidates whose deadline for `offer` `asker` may extend, without those hidden from `asker`."""
    candidates = User.objects.filter(is_active=True, is_staff=False).exclude(pk=asker.pk)
    for subjects in subjects_hidden_from(asker):
        if subjects.model is Submission:
            candidates = candidates.exclude(pk__in=subjects.filter(offer=offer).values("candidate"))
    return candidates


def search_candidates(offer: Offer, words: str, *, asker: User) -> list[CandidateResult]:
    """Return at most `MAX_FOUND` candidates who match `words`, ordered by email address.

    The start of an address finds any candidate; a part of a name finds candidates who started a submission to `offer`.
    The number of queries is constant.
    """
    text = words.replace("\0", "").strip()
    asked = words_of(text)
    if not asked:
        return []
    people = extendable_candidates(offer, asker)
    by_address = people.filter(address_prefix_condition("email", text)).values("pk")
    name = folded(Concat(F("profile__first_name"), Value(" "), F("profile__last_name")))
    begun = people.filter(submissions__offer=offer).annotate(folded_name=name)
    by_name = begun.filter(*(Q(folded_name__contains=word) for word in asked)).values("pk")
    found = User.objects.filter(Q(pk__in=by_address) | Q(pk__in=by_name)).select_related("profile")
    return _results_for(offer, found.order_by("email")[:MAX_FOUND])


def candidate_result(offer: Offer, user: User) -> CandidateResult:
    """Return submission and filing window of `user` for `offer`."""
    (found,) = _results_for(offer, [user])
    return found


def extensions_of(offer: Offer, *, asker: User) -> QuerySet[PersonalExtension]:
    """Return the extensions of `offer` that `asker` may read, with candidate and author, newest first."""
    return (
        PersonalExtension.objects.filter(
            offer=offer, candidate__in=extendable_candidates(offer, asker).values("pk")
        )
        .select_related("offer", "candidate__profile", "author")
        .order_by("-at", "-pk")
    )


def name_of(user: User) -> str:
    """Return the name in the user's profile, given name first; empty if there is none."""
    profile = getattr(user, "profile", None)
    return f"{profile.first_name} {profile.last_name}".strip() if profile is not None else ""


def _results_for(offer: Offer, people: Iterable[User]) -> list[CandidateResult]:
    found = list(people)
    rows = with_window(Submission.objects.filter(offer=offer, candidate__in=found))
    begun = {row.candidate_id: row for row in rows.select_related("standing_filing__receipt").order_by("pk")}
    extensions = PersonalExtension.objects.filter(offer=offer, candidate__in=found).order_by("closes_at")
    latest = dict(extensions.values_list("candidate_id", "closes_at"))
    return [
        CandidateResult(
            user=user,
            name=name_of(user),
            submission=begun.get(user.pk),
            window=FilingWindow(offer, latest.get(user.pk)),
        )
        for user in found
    ]
