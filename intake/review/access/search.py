"""Search of submissions by name, receipt number or email address."""

from collections.abc import Collection
from typing import Any

from django.db.models import CharField, Q, QuerySet
from django.db.models.functions import Cast

from intake.accounts.models import User
from intake.accounts.selectors import address_prefix_condition
from intake.base.folding import typed_search_words
from intake.submissions.models import Receipt, Submission

from .anonymous_review import offers_anonymous_to
from .visibility import visible_submissions

_FEW = 2
"""Letters. The trigram index cannot find fewer than three inside a word, so these match only the start of a word."""


def search_condition(submissions: QuerySet[Submission], words: str, *, blind: Collection[int] = ()) -> Q:
    """Return the condition that a filed name contains each word of `words`, folded as in `intake.base.folding`.

    A word with a hyphen or an apostrophe is several words, in any order: « Jean-Pierre » finds « Jean Pierre ». One or
    two Latin letters match only the start of a word of the name: elsewhere they would match almost every person. A word
    may also be part of a receipt number or the start of an email address; a word of letters only that occurs in a name
    is a name. Commas separate words, as in « Nom, Prénom ». Files of the offers `blind` are found only by number:
    finding them by name would reveal it. One query per word of letters only.
    """
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
    if len(part) > _FEW or not (part.isascii() and part.isalnum()):
        return Q((f"{field}__contains", part))
    return Q((f"{field}__startswith", part)) | Q((f"{field}__contains", f" {part}"))


def _name_or_address_matches(named: Q, known: Q, word: str, typed: str) -> QuerySet[Submission, Any]:
    """Return, for a subquery, the submissions with this name, number or address.

    A union of three queries, each on one table's index: one condition over the three tables would read all of them.
    """
    numbered = Submission.objects.filter(_contains_part("standing_filing__receipt__folded_number", word))
    written = Submission.objects.filter(known, address_prefix_condition("candidate__email", typed))
    keys = Submission.objects.filter(named).values("pk")
    return keys.union(numbered.values("pk"), written.values("pk"), all=True)


def entries_about_matches(user: User, words: str) -> list[Q]:
    """Return the conditions of the entries about submissions that `user` may read and `words` match, or receipts."""
    visible = visible_submissions(user)
    found = visible.filter(search_condition(visible, words, blind=offers_anonymous_to(user))).order_by()
    public_ids = found.annotate(text=Cast("public_id", CharField())).values("text")
    receipts = Receipt.objects.filter(filing__submission__in=found.values("pk"))
    keys = receipts.annotate(text=Cast("pk", CharField())).values("text")
    return [
        Q(subject_kind=Submission._meta.label_lower, subject_id__in=public_ids),
        Q(subject_kind=Receipt._meta.label_lower, subject_id__in=keys),
    ]
