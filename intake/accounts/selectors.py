"""Queries of accounts."""

from collections.abc import Callable
from datetime import datetime

from django.db.models import Q, QuerySet

from intake.base.folding import fold, strip_accents, typed_search_words

from .models import CHANGE_LIFETIME, AccountChange, User, fold_email

type CandidateFilter = Callable[[User], Q]

_candidate_filters: list[CandidateFilter] = []


def register_candidate_filter(candidates: CandidateFilter) -> None:
    """Let staff see the accounts that satisfy `candidates(reader)`: of candidates whose files they may read."""
    if candidates not in _candidate_filters:
        _candidate_filters.append(candidates)


def visible_accounts(reader: User) -> QuerySet[User]:
    """Return the accounts that `reader` may see: all for an administrator.

    For staff, those of their colleagues and of candidates who filed; an account with drafts alone is not their matter.
    """
    if reader.is_superuser:
        return User.objects.all()
    seen = Q(is_staff=True)
    for candidates in _candidate_filters:
        seen |= candidates(reader)
    return User.objects.filter(seen)


def changes_to_decide(*, at: datetime) -> QuerySet[AccountChange]:
    """Return the changes that wait for an administrator and have not expired at `at`, the oldest first."""
    asked = AccountChange.objects.filter(state=AccountChange.State.ASKED, asked_at__gt=at - CHANGE_LIFETIME)
    return asked.select_related("person", "asked_by").order_by("asked_at", "pk")


def changes_to_approve(*, reader: User, at: datetime) -> QuerySet[AccountChange]:
    """Return those that `reader`, an administrator, may approve: asked by another one, of another account."""
    if not (reader.is_superuser and reader.is_active):
        return AccountChange.objects.none()
    return changes_to_decide(at=at).exclude(asked_by=reader).exclude(person=reader)


def changes_of(user: User) -> QuerySet[AccountChange]:
    """Return the changes of an account, the newest first."""
    return user.changes.select_related("person", "asked_by", "decided_by").order_by("-asked_at", "-pk")


def address_prefix_condition(field: str, typed: str) -> Q:
    """Return the condition that the address in `field`, ASCII before its @, starts with `typed` or its plain form."""
    as_typed, in_plain = fold_email(typed), strip_accents(typed)
    condition = Q((f"{field}__startswith", as_typed))
    return condition if in_plain == as_typed else condition | Q((f"{field}__startswith", in_plain))


def matching(users: QuerySet[User], words: str) -> QuerySet[User]:
    """Keep the accounts where every word of `words` starts the address or is in the display name, folded.

    Only staff have a display name: these few names are read at once. If none contains the word, an index alone finds,
    counts and orders the addresses.
    """
    searched = typed_search_words(words)
    named = User.objects.exclude(display_name="").values_list("pk", "display_name") if searched else ()
    names = [(pk, fold(name)) for pk, name in named]
    for typed, word in searched:
        written = address_prefix_condition("email", typed)
        shown = [pk for pk, name in names if word in name]
        users = users.filter(written | Q(pk__in=shown) if shown else written)
    return users


def entries_by_matching_actors(_reader: object, words: str) -> list[Q]:
    """Return the condition of the journal entries whose actor `matching` finds."""
    return [Q(actor__in=matching(User.objects.all(), words).values("pk"))]
