"""Folding for all searches: stored and typed text without accents, case or separators.

The database folds stored text with `fold_text` (`offers/sql/fold_text.sql`) in generated columns, so that
every write updates them; Python folds typed text. `tests/offers/test_folding.py` compares both for all characters
of Unicode.
"""

import re
import unicodedata
from typing import Any, Final

from django.core.checks import CheckMessage
from django.db.models import Func, GeneratedField, TextField

LETTERS: Final = {
    **dict(zip("ıłđðøħŧŋɓɗƙƴɛɔς", "ilddohtnbdkyeoσ", strict=True)),
    "œ": "oe",
    "æ": "ae",
    "ß": "ss",
    "þ": "th",
}
"""Lower-case letters that Unicode does not decompose and that users type without their mark."""
_MARKS = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\u3099\u309a\ufe20-\ufe2f\u00ad\u200b-\u200f\u2060\ufeff]"
)
"""Combining accents and vowel points of decomposed letters, and invisible characters."""
_SEPARATORS = re.compile("[ \t\n\v\f\r'`\u2018\u2019\u201b\u02b9\u02bb\u02bc\u2032\u2010-\u2015\u2212-]+")
"""Spaces, apostrophes and hyphens: users write names with any of these."""
_LETTERS = str.maketrans(LETTERS)


def strip_accents(text: str) -> str:
    """Return `text` in lower case and without accents; spaces, apostrophes and hyphens do not change."""
    return _MARKS.sub("", unicodedata.normalize("NFKD", text)).lower().translate(_LETTERS)


def fold(text: str) -> str:
    """Return `text` as in the search columns: without accents or case, and one space for each run of separators."""
    return _SEPARATORS.sub(" ", strip_accents(text)).strip(" ")


def folded(expression: Any) -> Func:
    """Return an expression that folds `expression`, a text, in the database."""
    return Func(expression, function="fold_text", output_field=TextField())


class FoldedField(GeneratedField):
    """A generated text column: PostgreSQL computes it with `folded` and stores it."""

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        """Check the field without a query for the server's support of generated columns: PostgreSQL has it.

        With the query, all commands, also `check --deploy`, would need a reachable database.
        """
        return super().check(**(kwargs | {"databases": None}))

    def deconstruct(self) -> Any:
        """Return Django's own `GeneratedField`, so that migrations do not import this class."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.GeneratedField", args, kwargs


MAX_SEARCH_LENGTH: Final = 100
"""Characters of a search that are read, more than the longest known name of an organisation: boxes take no more."""
MAX_SEARCH_WORDS: Final = 12
"""Words that are searched, parts of a hyphenated one included: the database looks for each of them by itself."""


def search_words(typed: str) -> list[str]:
    """Return the words of a search, folded, without those of separators only; one typed with a hyphen has a space."""
    return [word for _typed, word in typed_search_words(typed)]


def typed_search_words(typed: str) -> list[tuple[str, str]]:
    """Return the first words of a search, each as typed and folded: identifiers and addresses are compared as typed.

    Each word once; at most `MAX_SEARCH_WORDS`, of the first `MAX_SEARCH_LENGTH` characters.
    """
    words: dict[str, str] = {}
    left = MAX_SEARCH_WORDS
    # PostgreSQL rejects NUL in a text; no keyboard types it.
    for part in dict.fromkeys(typed.replace("\0", "")[:MAX_SEARCH_LENGTH].split()):
        pieces = fold(part).split(" ")[:left]
        if word := " ".join(pieces):
            words[part] = word
            left -= len(pieces)
    return list(words.items())
