"""Search of offers: the words typed, known terms with their synonyms, and typing errors."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import Case, F, FloatField, Q, QuerySet, Value, When

from intake.base.folding import fold, search_words

from .models import Offer, SynonymGroup

if TYPE_CHECKING:
    from django.db.models.expressions import Combinable


@dataclass(frozen=True, slots=True)
class SearchPart:
    """A part of a search: one word, or a known term, with its synonyms as staff wrote them. `text` is folded."""

    text: str
    synonyms: tuple[str, ...] = ()

    @property
    def condition(self) -> Q:
        """The condition that an offer contains the part.

        A word may be any part of a text. A known term is often an acronym of two letters: it must start a word, and
        a synonym must be whole words.
        """
        if not self.synonyms:
            return Q(search_text__contains=self.text)
        others = "|".join(re.escape(fold(term)) for term in self.synonyms)
        return Q(search_text__regex=rf"(?<!\w)(?:{re.escape(self.text)}|(?:{others})(?!\w))")


def read_search(typed: str) -> tuple[SearchPart, ...]:
    """Return the parts of a search as typed, without separators; one query, none if there is no word.

    Of two known terms that start at one word, the longer is taken: « Organisation des Nations Unies » is one term.
    """
    words = search_words(typed)
    return tuple(_parts(words, _known_terms())) if words else ()


def _known_terms() -> dict[str, tuple[str, ...]]:
    """Return each term, folded, with the other terms of its group."""
    groups = SynonymGroup.objects.order_by("pk").values_list("terms", flat=True)
    return {
        fold(term): tuple(other for other in terms if other != term) for terms in groups for term in terms
    }


def _parts(words: Iterable[str], known: dict[str, tuple[str, ...]]) -> Iterator[SearchPart]:
    """Yield the terms in the words, and the rest of each word.

    A word typed with an apostrophe or a hyphen is several: « l’ONU » has a term. Without a term it remains one.
    """
    pieces = [(rank, piece) for rank, word in enumerate(words) for piece in word.split(" ")]
    rest: list[tuple[int, str]] = []
    start = 0
    while start < len(pieces):
        ends = range(len(pieces), start, -1)
        texts = ((end, " ".join(piece for _rank, piece in pieces[start:end])) for end in ends)
        end, text = next(((end, text) for end, text in texts if text in known), (start + 1, ""))
        if text:
            yield from _words(rest)
            rest = []
            yield SearchPart(text, known[text])
        else:
            rest.append(pieces[start])
        start = end
    yield from _words(rest)


def _words(pieces: list[tuple[int, str]]) -> Iterator[SearchPart]:
    """Yield one part for the pieces of each word."""
    for rank in dict.fromkeys(rank for rank, _piece in pieces):
        yield SearchPart(" ".join(piece for of, piece in pieces if of == rank))


def matching(offers: QuerySet[Offer], parts: Iterable[SearchPart]) -> QuerySet[Offer]:
    """Return the offers whose number, organisation, short name, domain or place contain each part of a search."""
    for part in parts:
        offers = offers.filter(part.condition)
    return offers


def resembling(offers: QuerySet[Offer], parts: Iterable[SearchPart]) -> QuerySet[Offer]:
    """Return the offers that contain each part of a search, or a similar word that a typing error explains.

    The annotation `likeness` (0 to 1) is the mean over the parts: 1 for a part found as typed, 0.9 with two adjacent
    letters swapped, else the trigram similarity. No index applies: it reads all rows, so use it only if `matching`
    finds nothing.
    """
    typed = list(parts)
    total: Combinable = Value(0.0, output_field=FloatField())
    for place, part in enumerate(typed):
        name = f"likeness_{place}"
        swapped = Q(pk__in=[])  # false
        for other in _with_two_letters_swapped(part.text):
            swapped |= Q(search_text__contains=other)
        near = Case(
            When(part.condition, then=Value(1.0)),
            When(swapped, then=Value(0.9)),
            default=TrigramWordSimilarity(part.text, "search_text"),
            output_field=FloatField(),
        )
        offers = offers.alias(**{name: near}).filter(**{f"{name}__gte": _min_similarity(part.text)})
        total = total + F(name)
    return offers.annotate(likeness=total / Value(max(len(typed), 1), output_field=FloatField()))


_MIN_TYPO_LENGTH = 3  # letters; a shorter word must match as typed


def _with_two_letters_swapped(word: str) -> set[str]:
    """Return the variants of `word` with two adjacent letters swapped: its trigrams are too few to match `unseco`."""
    if len(word) < _MIN_TYPO_LENGTH:
        return set()
    places = range(len(word) - 1)
    return {word[:place] + word[place + 1] + word[place] + word[place + 2 :] for place in places} - {word}


def _min_similarity(word: str) -> float:
    """Return the minimum trigram similarity at which `word` counts as a typing error for another word.

    A word of n letters has n + 1 trigrams, and a wrong letter changes at most three of them: half of them remain in
    `pacis` for Paris, two of five in `rone` for Rome.
    """
    if len(word) < _MIN_TYPO_LENGTH:
        return 1.0
    return 0.4 if len(word) == _MIN_TYPO_LENGTH + 1 else 0.5
