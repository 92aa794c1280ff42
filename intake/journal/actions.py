"""What the codes of the journal mean: each room names its own when it starts."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

_words: dict[str, "StrOrPromise"] = {}


def name_actions(words: Mapping[str, "StrOrPromise"]) -> None:
    """Say, for each action's code, what people read. Called from an `AppConfig.ready`."""
    _words.update(words)


def named_actions() -> list[tuple[str, str]]:
    """Return each code and its words, in the order of the words."""
    return sorted(((code, str(words)) for code, words in _words.items()), key=lambda pair: pair[1])


def action_words(code: str) -> str:
    """Return what people read for `code`; a code that nobody named is shown as it is."""
    return str(_words.get(code, code))
