"""Labels of the journal's action codes. Each app registers its own in `ready`."""

from collections.abc import Mapping

from django_stubs_ext import StrOrPromise

_labels: dict[str, StrOrPromise] = {}


def register_action_labels(labels: Mapping[str, StrOrPromise]) -> None:
    """Register a label per action code. Called by `intake.wiring`."""
    _labels.update(labels)


def action_choices() -> list[tuple[str, str]]:
    """Return each code and its label, ordered by label."""
    return sorted(((code, str(label)) for code, label in _labels.items()), key=lambda pair: pair[1])


def action_label(code: str) -> str:
    """Return the label of `code`, or the code itself if it has none."""
    return str(_labels.get(code, code))
