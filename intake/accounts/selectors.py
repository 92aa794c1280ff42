"""Queries of accounts."""

from django.db.models import Q, QuerySet

from offers.folding import fold, strip_accents, typed_search_words

from .models import User, fold_email


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
