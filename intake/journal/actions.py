"""What the codes of the journal mean: each room names its own when it starts."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

_labels: dict[str, "StrOrPromise"] = {}


def register_action_labels(words: Mapping[str, "StrOrPromise"]) -> None:
    """Say, for each action's code, what people read. Called from an `AppConfig.ready`."""
    _labels.update(words)


def action_choices() -> list[tuple[str, str]]:
    """Return each code and its words, in the order of the words."""
    return sorted(((code, str(words)) for code, words in _labels.items()), key=lambda pair: pair[1])


def action_label(code: str) -> str:
    """Return what people read for `code`; a code that nobody named is shown as it is."""
    return str(_labels.get(code, code))
