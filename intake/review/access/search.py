"""The files that a search finds."""

from collections.abc import Collection
from typing import Any

from django.db.models import Q, QuerySet

from intake.accounts.selectors import address_prefix_condition
from intake.submissions.models import Submission
from offers.folding import typed_search_words

_FEW = 2
"""Letters of which the index has no three in a row: unless they start a word, it must be read whole."""


def matching(
    submissions: QuerySet[Submission], words: str, *, blind: Collection[int] = ()
) -> QuerySet[Submission]:
    """Keep the submissions of which every word of `words` is in the name as filed, folded as `offers.folding` folds.

    A word with a hyphen or an apostrophe is a name of several words, in any order: « Jean-Pierre » finds « Jean
    Pierre ». One or two Latin letters are how a word of the name starts: anywhere in it, they would tell few people
    from all. A word may also be a part of a receipt number, or how an address starts; one of letters alone, that is in
    somebody's name, is a name. Commas separate words, as in « Nom, Prénom ». The files of the offers `blind` are found
    by their numbers alone: a search that found them by a name would tell it.
    """
    return submissions.filter(search_condition(submissions, words, blind=blind))


def search_condition(submissions: QuerySet[Submission], words: str, *, blind: Collection[int] = ()) -> Q:
    """Return the condition of `matching`, for more than one list; one query for each word of letters alone."""
    known = ~Q(offer__in=blind) if blind else Q()
    wanted = Q()
    for typed, word in typed_search_words(words.replace(",", " ")):
        named = known
        for part in word.split():
            named &= _contains_part("folded_name", part)
        is_name = word.replace(" ", "").isalpha() and submissions.filter(named).exists()
        condition = named if is_name else Q(pk__in=_name_or_address_matches(named, known, word, typed))
        submissions, wanted = submissions.filter(condition), wanted & condition
    return wanted


def _contains_part(field: str, part: str) -> Q:
    """Return the condition that a folded part of a search is in a folded field."""
    if len(part) > _FEW or not (part.isascii() and part.isalnum()):
        return Q((f"{field}__contains", part))
    return Q((f"{field}__startswith", part)) | Q((f"{field}__contains", f" {part}"))


def _name_or_address_matches(named: Q, known: Q, word: str, typed: str) -> QuerySet[Submission, Any]:
    """Return, for a subquery, the submissions of this name, number or address.

    Three indexes, each of its own table: a condition that names the three tables at once reads all of them.
    """
    numbered = Submission.objects.filter(_contains_part("standing_filing__receipt__folded_number", word))
    written = Submission.objects.filter(known, address_prefix_condition("candidate__email", typed))
    return (
        Submission.objects.filter(named)
        .values("pk")
        .union(numbered.values("pk"), written.values("pk"), all=True)
    )
