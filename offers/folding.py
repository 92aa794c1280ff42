"""The one fold of every search: what is stored and what is typed, without accents, case or separators.

The database folds what is stored with `fold_text` of migration `0012_one_fold_for_every_search`, in generated columns,
so that no write can forget it; Python folds what is typed. `tests/offers/test_folding.py` holds the two together over
every character of Unicode.
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
"""Letters that Unicode does not take apart and that people write without their mark, in lower case."""
_MARKS = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\u3099\u309a\ufe20-\ufe2f\u00ad\u200b-\u200f\u2060\ufeff]"
)
"""Accents and vowel points that stand over letters, once they are taken apart, and what is invisible."""
_SEPARATORS = re.compile("[ \t\n\v\f\r'`\u2018\u2019\u201b\u02b9\u02bb\u02bc\u2032\u2010-\u2015\u2212-]+")
"""Spaces, apostrophes and hyphens: names are written with any of these."""
_LETTERS = str.maketrans(LETTERS)


def strip_accents(text: str) -> str:
    """Return `text` in lower case and without accents, its spaces, apostrophes and hyphens as they are."""
    return _MARKS.sub("", unicodedata.normalize("NFKD", text)).lower().translate(_LETTERS)


def fold(text: str) -> str:
    """Return `text` as the columns that are searched hold it: `plain`, and one space for any run of separators."""
    return _SEPARATORS.sub(" ", strip_accents(text)).strip(" ")


def folded(expression: Any) -> Func:
    """Return `expression`, a text of the database, folded by the database."""
    return Func(expression, function="fold_text", output_field=TextField())


class FoldedField(GeneratedField):
    """A text that PostgreSQL computes, by `folded`, and keeps."""

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        """Check the field without asking the server whether it knows such columns: PostgreSQL does.

        Else every command would need a database that answers, `check --deploy` among them.
        """
        return super().check(**(kwargs | {"databases": None}))

    def deconstruct(self) -> Any:
        """Be a plain generated column to migrations."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.GeneratedField", args, kwargs


def search_words(typed: str) -> list[str]:
    """Return the words of a search, folded; one that was typed with a hyphen or an apostrophe holds a space.

    Nothing is left of a word made of separators alone.
    """
    return [word for _typed, word in typed_search_words(typed)]


def typed_search_words(typed: str) -> list[tuple[str, str]]:
    """Return the words of a search, each as it was typed and folded: identifiers and addresses are not folded."""
    # PostgreSQL refuses the zero character in a text, and nobody types it.
    return [(part, word) for part in typed.replace("\0", "").split() if (word := fold(part))]
