"""Form of the offer's grid: a short answer to each line, with what the candidate did, where and when."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, Final

from django.core import signing
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext_lazy as _

from intake.profiles.fields import TidyParagraphsField, tidy_paragraphs
from intake.profiles.forms import AnswersForm

from .offer_questions import GRID, GridQuestion

_FIELD_PREFIX: Final = "line_"
LINE_MAX: Final = 600
"""Maximum number of characters of one answer."""
_LABEL_MAX_LENGTH: Final = 80  # characters of a line in an error message
_SIGNER: Final = signing.Signer(salt="submissions.grid")
_REMOVED_MAX_LENGTH: Final = 10 * LINE_MAX
"""Characters kept of the answer to a removed line: limits misuse only."""


class LineField(TidyParagraphsField):
    """Answer to one grid line. The label is the line, in the offer's language."""

    def __init__(self, *, line: GridQuestion) -> None:
        super().__init__(
            label=line.text,
            required=line.required,
            max_length=LINE_MAX,
            help_text=_("600 caractères au plus."),
            error_messages={
                "required": _("Répondez en quelques mots : l’offre exige ce point."),
            },
        )
        self.line = line
        self.widget.attrs |= {"rows": "3"}


@dataclass(frozen=True, slots=True)
class FieldError:
    """An error, and the id of its control; empty for an error of several."""

    text: str
    anchor: str
    line: str = ""
    """Start of `text` that is in the offer's language: its grid line, or empty."""

    @property
    def rest(self) -> str:
        """The text after the line, in the language of the page."""
        return self.text.removeprefix(self.line)


@dataclass(frozen=True, slots=True)
class RemovedAnswer:
    """Answer to a grid line that the offer no longer contains."""

    number: str
    text: str


class GridForm(AnswersForm):
    """One short answer per grid line, optional for an ASSET line. `grid_form` returns an offer's form."""

    LINES: ClassVar[tuple[GridQuestion, ...]] = ()
    SHOWN: ClassVar = "lines"
    """Name of the hidden field with the signed numbers of the displayed lines. Answers to other lines are ignored."""

    @classmethod
    def answer_keys(cls) -> frozenset[str]:
        """Return the key of all the lines' answers."""
        return frozenset({GRID})

    @classmethod
    def parts(cls) -> frozenset[str]:
        """Return the names of the current lines' parts."""
        return frozenset(cls.part_of(field_name(line.number)) for line in cls.LINES)

    @classmethod
    def part_of(cls, name: str) -> str:
        """Return the part of the field `name`: each line is one."""
        return f"{GRID}.{name.removeprefix(_FIELD_PREFIX)}"

    @classmethod
    def own_answers(cls, answers: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answers to the offer's current lines. Those to removed lines stay in the draft."""
        texts = answers.get(GRID) or {}
        numbers = [str(line.number) for line in cls.LINES]
        grid = {number: texts[number] for number in numbers if texts.get(number)}
        return {GRID: grid} if grid else {}

    @classmethod
    def comparable_answers(cls, answers: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answers to all lines: a line that the offer drops must not look like a change by another tab."""
        return {GRID: {number: text for number, text in (answers.get(GRID) or {}).items() if text}}

    @classmethod
    def initial_from(cls, answers: Mapping[str, Any]) -> dict[str, Any]:
        """Return the initial values of the answered lines."""
        texts = cls.own_answers(answers).get(GRID, {})
        return {field_name(int(number)): text for number, text in texts.items()}

    def answers(self) -> dict[str, Any]:
        """Return the answer to each line, by its number; None if empty.

        Includes posted answers to lines that the offer dropped after the page was displayed: the draft keeps them, and
        filings omit them.
        """
        texts = {
            str(line.number): self.cleaned_data.get(field_name(line.number)) or None for line in self.LINES
        }
        return {GRID: self.posted_removed_answers() | texts}

    def posted_removed_answers(self) -> dict[str, str | None]:
        """Return the tidied posted answers to lines that were displayed and then dropped, by number; None if empty."""
        typed = {
            number: self.data.get(f"{_FIELD_PREFIX}{number}")
            for number in self._shown_lines() - self._current_lines()
        }
        return {
            number: tidy_paragraphs(text)[:_REMOVED_MAX_LENGTH] or None
            for number, text in sorted(typed.items())
            if text is not None
        }

    def removed(self, answers: object) -> list[RemovedAnswer]:
        """Return the answers to lines that the offer no longer contains, from a draft's `answers` and from the post."""
        kept = answers.get(GRID) if isinstance(answers, Mapping) else None
        texts = {**(kept if isinstance(kept, Mapping) else {}), **self.posted_removed_answers()}
        return [
            RemovedAnswer(number=number, text=text)
            for number, text in texts.items()
            if isinstance(text, str) and text and number not in self._current_lines()
        ]

    def sign_lines(self, removed: Iterable[RemovedAnswer]) -> str:
        """Return the signed value of the field `SHOWN`: numbers of the current lines and of the displayed `removed`."""
        return _SIGNER.sign("-".join(sorted(self._current_lines() | {answer.number for answer in removed})))

    def _shown_lines(self) -> set[str]:
        """Return the numbers of the lines that the page displayed; empty if the field is missing or badly signed."""
        try:
            return set(_SIGNER.unsign(str(self.data.get(self.SHOWN, ""))).split("-"))
        except signing.BadSignature:
            return set()

    @classmethod
    def _current_lines(cls) -> set[str]:
        return {str(line.number) for line in cls.LINES}

    @property
    def mistakes(self) -> list[FieldError]:
        """Errors of the lines, each with the start of its line; an error of several is said once, first."""
        rows = [
            (capfirst(Truncator(str(field.label)).chars(_LABEL_MAX_LENGTH)), str(error), field.id_for_label)
            for field in self
            for error in field.errors
        ]
        if len(rows) > 1 and len({error for _label, error, _anchor in rows}) == 1:
            return [
                FieldError(rows[0][1], ""),
                *(FieldError(label, anchor, label) for label, _error, anchor in rows),
            ]
        return [FieldError(f"{label} — {error}", anchor, label) for label, error, anchor in rows]


def field_name(number: int) -> str:
    """Return the name of the field that answers the line `number`."""
    return f"{_FIELD_PREFIX}{number}"


@lru_cache(maxsize=64)
def grid_form(lines: tuple[GridQuestion, ...]) -> type[GridForm]:
    """Return the form of `lines`, in order; cached per tuple of lines."""
    fields = {field_name(line.number): LineField(line=line) for line in lines}
    made: type[GridForm] = type(GridForm.__name__, (GridForm,), {"LINES": lines, **fields})
    return made
