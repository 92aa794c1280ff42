"""What a candidate says of each line of the offer's grid: what they did, where and when, in a few words."""

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

LINE_MAX: Final = 600
"""Characters of one answer, as the field counts them."""
_LABEL_MAX_LENGTH: Final = 80  # characters of a line where it only stands for itself
_SIGNER: Final = signing.Signer(salt="submissions.grid")
_REMOVED_MAX_LENGTH: Final = (
    10 * LINE_MAX
)  # characters kept of an answer that nobody asks for: a bound against misuse alone


class LineField(TidyParagraphsField):
    """The answer to one line, whose label is the line itself, in the offer's own language."""

    def __init__(self, *, line: GridQuestion) -> None:
        super().__init__(
            label=line.text,
            required=line.required,
            max_length=LINE_MAX,
            help_text=_("600 caractères au plus."),
            error_messages={
                "required": _(
                    "Répondez en quelques mots, même si c’est pour dire que ce n’est pas votre cas."
                ),
            },
        )
        self.line = line
        self.widget.attrs |= {"rows": "3"}


@dataclass(frozen=True, slots=True)
class FieldError:
    """Why a line is refused, and the id of its control."""

    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class RemovedAnswer:
    """What was said of a line that the offer no longer has, by its number."""

    number: str
    text: str


class GridForm(AnswersForm):
    """One short answer for each line. What the offer asks for must be answered; of an asset one may say nothing.

    The class itself has no lines: `grid_form` makes the form of an offer.
    """

    LINES: ClassVar[tuple[GridQuestion, ...]] = ()
    SHOWN: ClassVar = "lines"
    """The field by which a page says which lines it showed, signed: of no others is anything kept."""

    @classmethod
    def answer_keys(cls) -> frozenset[str]:
        """Return the one key under which all the lines are kept."""
        return frozenset({GRID})

    @classmethod
    def own_answers(cls, answers: Mapping[str, Any]) -> dict[str, Any]:
        """Return what was said of the lines that the offer has now; of those it had, it stays in the draft."""
        said = answers.get(GRID) or {}
        numbers = [str(line.number) for line in cls.LINES]
        grid = {number: said[number] for number in numbers if said.get(number)}
        return {GRID: grid} if grid else {}

    @classmethod
    def comparable_answers(cls, answers: Mapping[str, Any]) -> dict[str, Any]:
        """Return what was said of all lines: that the offer loses one is not another tab's doing."""
        return {GRID: {number: text for number, text in (answers.get(GRID) or {}).items() if text}}

    @classmethod
    def initial_from(cls, answers: Mapping[str, Any]) -> dict[str, Any]:
        """Return the initial values, one for each line that was answered."""
        said = cls.own_answers(answers).get(GRID, {})
        return {field_name(int(number)): text for number, text in said.items()}

    def answers(self) -> dict[str, Any]:
        """Return what was said of each line, by its number; None where nothing was.

        What was typed of lines that the offer lost meanwhile is among it: the draft keeps it, and nothing reads it.
        """
        said = {
            str(line.number): self.cleaned_data.get(field_name(line.number)) or None for line in self.LINES
        }
        return {GRID: self.posted_removed_answers() | said}

    def posted_removed_answers(self) -> dict[str, str | None]:
        """Return what was posted of lines that the page showed and the offer lost since, tidied; None for nothing."""
        typed = {
            number: self.data.get(f"line_{number}") for number in self._shown_lines() - self._current_lines()
        }
        return {
            number: tidy_paragraphs(text)[:_REMOVED_MAX_LENGTH] or None
            for number, text in sorted(typed.items())
            if text is not None
        }

    def removed(self, answers: object) -> list[RemovedAnswer]:
        """Return what was said of lines that the offer no longer has: in a draft's `answers`, or just typed."""
        kept = answers.get(GRID) if isinstance(answers, Mapping) else None
        said = {**(kept if isinstance(kept, Mapping) else {}), **self.posted_removed_answers()}
        return [
            RemovedAnswer(number=number, text=text)
            for number, text in said.items()
            if isinstance(text, str) and text and number not in self._current_lines()
        ]

    def sign_lines(self, removed: Iterable[RemovedAnswer]) -> str:
        """Return what the page sends back as `SHOWN`: the lines it asks about, and those `removed` that it shows."""
        return _SIGNER.sign("-".join(sorted(self._current_lines() | {answer.number for answer in removed})))

    def _shown_lines(self) -> set[str]:
        """Return the numbers of the lines that the page showed; none if it does not say, or nobody signed it."""
        try:
            return set(_SIGNER.unsign(str(self.data.get(self.SHOWN, ""))).split("-"))
        except signing.BadSignature:
            return set()

    @classmethod
    def _current_lines(cls) -> set[str]:
        return {str(line.number) for line in cls.LINES}

    @property
    def mistakes(self) -> list[FieldError]:
        """What is wrong of each line to come back to; the line itself in a few words."""
        return [
            FieldError(
                f"{capfirst(Truncator(str(field.label)).chars(_LABEL_MAX_LENGTH))} — {error}",
                field.id_for_label,
            )
            for field in self
            for error in field.errors
        ]


def field_name(number: int) -> str:
    """Return the name of the field that answers the line `number`."""
    return f"line_{number}"


@lru_cache(maxsize=64)
def grid_form(lines: tuple[GridQuestion, ...]) -> type[GridForm]:
    """Return the form that asks about `lines`, in their order; one class for the same lines, however often."""
    fields = {field_name(line.number): LineField(line=line) for line in lines}
    made: type[GridForm] = type(GridForm.__name__, (GridForm,), {"LINES": lines, **fields})
    return made
