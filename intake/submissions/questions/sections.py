"""The sections of a draft, in the order of the task list.

Each section is one form, validated by the same code when it is saved and when the draft is filed. `sections_for`
derives the sections and questions of an offer from its criteria and its grid.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from eligibility.codec import canonical
from intake.profiles.forms import (
    AnswersForm,
    ContactForm,
    IdentityForm,
    ResidenceForm,
    StatusForm,
    sharing_fields,
)
from offers.models import GridLine, Offer, RulebookVersion
from offers.selectors import current_rulebook_and_grid

from .answers import EMPTY_VALUES, clean_answers, unreadable_texts_of
from .forms import WRITING_PREFIX, AttestationsForm, LanguagesForm, restrict_form
from .grid_form import GridForm, grid_form
from .offer_questions import GRID, GridQuestion, OfferQuestions, required_questions
from .study_forms import StudiesForm


@dataclass(frozen=True, slots=True)
class SectionHeading:
    """Title and lead of a section whose questions are all about `topics`."""

    title: Promise
    lead: Promise
    topics: frozenset[str]
    """Keys of answers. All keys about writing are the one topic `WRITING`."""


@dataclass(frozen=True, slots=True)
class Section:
    """One group of questions. `key` is stored in URLs and sealed payloads and never changes."""

    key: str
    title: Promise
    lead: Promise
    """Reason for the questions, in one sentence."""
    form: type[AnswersForm]
    narrower: tuple[SectionHeading, ...] = ()
    """Headings for offers that ask fewer questions; the first whose topics include all of them applies."""

    @property
    def lines(self) -> tuple[GridQuestion, ...]:
        """The grid lines that this section asks about, in order; empty for any other section."""
        return self.form.LINES if issubclass(self.form, GridForm) else ()

    @property
    def required_texts(self) -> int:
        """Number of grid lines that need a text."""
        return sum(line.required for line in self.lines)

    def of(self, answers: object) -> dict[str, Any]:
        """Return the readable answers of this section in a draft's `answers`."""
        return self.form.own_answers(clean_answers(answers))

    def judge(self, answers: object, *, on: date, partial: bool = False) -> AnswersForm:
        """Return the section's form bound to a draft's `answers`, as if they were posted on day `on`, as typed."""
        return self.form(data=self.as_posted(answers), on=on, beside=clean_answers(answers), partial=partial)

    def as_posted(self, answers: object) -> dict[str, Any]:
        """Return the POST data that gives a draft's `answers` to this section, unreadable texts included."""
        return self.form.as_post_data(self.of(answers)) | self.unreadable(answers)

    def unreadable(self, answers: object) -> dict[str, str]:
        """Return the texts of this section in a draft's `answers` that were saved as typed, by field name."""
        return unreadable_texts_of(answers).get(self.key, {})

    def is_valid(self, sound: Mapping[str, Any], *, on: date) -> bool:
        """True if `judge` finds no error in `sound`, the result of `clean_answers` or `answers_in_sections`."""
        form = _validator(self.form, on)
        return form(data=form.as_post_data(form.own_answers(sound)), on=on, beside=sound).is_valid()

    def bound_form(
        self, posted: Mapping[str, Any], answers: object, *, on: date, partial: bool = False
    ) -> AnswersForm:
        """Return the form bound to `posted` on day `on`, beside `answers`. With `partial`, no answer is required."""
        return self.form(data=posted, on=on, beside=clean_answers(answers), partial=partial)

    def show(self, answers: object, *, on: date) -> AnswersForm:
        """Return the section's form with a draft's `answers`; bound if an unreadable text has an error to show."""
        if self.unreadable(answers):
            return self.judge(answers, on=on, partial=True)
        initial = self.form.initial_from(self.of(answers))
        return self.form(initial=initial, on=on, beside=clean_answers(answers))

    def show_with_empty_entry(self, answers: object, *, on: date) -> AnswersForm:
        """Return the form of programmes with a draft's `answers` and one more empty programme, without errors of it."""
        posted = StudiesForm.with_empty_entry(self.as_posted(answers))
        return self.form(data=posted, on=on, beside=clean_answers(answers), partial=True)

    def digests(self, answers: object) -> dict[str, str]:
        """Return 8 hexadecimal digits of SHA-256 for each part of this section in a draft's `answers`.

        A part is what one save keeps or leaves as a whole: an answer by its key, all programmes, or one grid line
        (`grid.12`). The digest of a part without answer and without unreadable text is empty.
        """
        texts: dict[str, dict[str, str]] = {}
        for name, text in self.unreadable(answers).items():
            texts.setdefault(self.form.part_of(name), {})[name] = text
        values = dict.fromkeys(self.form.parts()) | self._values(clean_answers(answers))
        return {part: _digest(values.get(part), texts.get(part)) for part in values.keys() | texts.keys()}

    def _values(self, clean: Mapping[str, Any]) -> dict[str, Any]:
        """Return the comparable answers by part."""
        values = self.form.comparable_answers(clean)
        lines = values.pop(GRID, {})
        return values | {f"{GRID}.{number}": text for number, text in lines.items()}

    def fingerprint(self, answers: object) -> str:
        """Return 16 hexadecimal digits of SHA-256 over this section's answers. Equal in two tabs with equal answers."""
        comparable = self.form.comparable_answers(clean_answers(answers))
        given = {key: value for key, value in comparable.items() if value not in EMPTY_VALUES}
        return hashlib.sha256(canonical(given)).hexdigest()[:16]

    def restrict_to(self, questions: frozenset[str]) -> "Section | None":
        """Return this section restricted to `questions`, or None if it contains none of them."""
        asked = frozenset(question for question in questions if self._includes(question))
        if not asked:
            return None
        topics = {_topic(question) for question in asked}
        wording = next((heading for heading in self.narrower if topics <= heading.topics), self)
        form = self.form if asked == self.form.answer_keys() else restrict_form(self.form, asked)
        return replace(self, title=wording.title, lead=wording.lead, form=form)

    def about(self, lines: tuple[GridQuestion, ...]) -> "Section":
        """Return this section; the grid section gets a form with `lines`."""
        return replace(self, form=grid_form(lines)) if self.form is GridForm else self

    def _includes(self, question: str) -> bool:
        if _topic(question) == WRITING:
            return issubclass(self.form, AttestationsForm)
        return question in self.form.answer_keys()


@lru_cache(maxsize=256)
def _validator(form: type[AnswersForm], _on: date) -> type[AnswersForm]:
    """Return `form` to validate with; one for each day, because a form tells its fields the latest day."""
    shared = sharing_fields(form)
    if issubclass(shared, StudiesForm):
        shared.ENTRY = sharing_fields(shared.ENTRY)
    return shared


def _digest(value: Any, texts: Mapping[str, str] | None) -> str:
    if value in EMPTY_VALUES and not texts:
        return ""
    return hashlib.sha256(canonical([value, texts or {}])).hexdigest()[:8]


def _topic(question: str) -> str:
    return WRITING if question.startswith(WRITING_PREFIX) else question


WRITING = "attests_writing"
_ATTESTED = _("Vous attestez ces points ; le comité les vérifie dans votre dossier.")
_ANSWERED = _("L’offre précise qui peut participer ; nous y comparons votre réponse.")

SECTIONS = (
    Section(
        "identite",
        _("Identité"),
        _("Votre nom s’affichera ainsi sur l’accusé de réception et dans le dossier du comité."),
        IdentityForm,
    ),
    Section(
        "coordonnees",
        _("Coordonnées"),
        _("Ces coordonnées servent à vous joindre. Votre profil les garde pour votre prochaine candidature."),
        ContactForm,
    ),
    Section(
        "statut",
        _("Statut au Canada"),
        _("L’offre précise les statuts acceptés ; nous y comparons votre réponse."),
        StatusForm,
    ),
    Section(
        "residence",
        _("Domicile et résidence"),
        _("L’offre précise le domicile et la durée de résidence exigés."),
        ResidenceForm,
        (
            SectionHeading(
                _("Domicile"),
                _("L’offre précise où vous devez avoir votre domicile ; nous y comparons votre réponse."),
                frozenset({"domicile_province"}),
            ),
            SectionHeading(
                _("Résidence"),
                _("L’offre précise depuis combien de temps vous devez résider au Québec."),
                ResidenceForm.answer_keys() - {"domicile_province"},
            ),
        ),
    ),
    Section(
        "etudes",
        _("Études"),
        _("Inscrivez les programmes en cours ou terminés ; nous utilisons celui qui vous avantage le plus."),
        StudiesForm,
    ),
    Section(
        "competences",
        _("Compétences et expérience"),
        _("Deux ou trois phrases suffisent : ce que vous avez fait, où et quand."),
        GridForm,
    ),
    Section(
        "langues",
        _("Langues"),
        _("Ces niveaux ne changent pas votre admissibilité ; le comité les lit avec votre dossier."),
        LanguagesForm,
    ),
    Section(
        "attestations",
        _("Attestations et participation"),
        _ATTESTED,
        AttestationsForm,
        (
            SectionHeading(_("Participation"), _ANSWERED, frozenset({"past_participant"})),
            SectionHeading(_("Attestations"), _ATTESTED, frozenset({WRITING, "attests_skills"})),
        ),
    ),
)


def sections_for(asks: OfferQuestions) -> tuple[Section, ...]:
    """Return the sections of an offer that `asks` these questions, each with its questions, in order."""
    return _visible_sections(
        required_questions(asks.rulebook) | ({GRID} if asks.lines else set()), asks.lines
    )


@lru_cache(maxsize=64)
def _visible_sections(questions: frozenset[str], lines: tuple[GridQuestion, ...]) -> tuple[Section, ...]:
    shown = (section.about(lines).restrict_to(questions) for section in SECTIONS)
    return tuple(section for section in shown if section is not None)


def section_by_key(key: str, sections: Iterable[Section] = SECTIONS) -> Section | None:
    """Return the section with this `key`, or None."""
    return next((section for section in sections if section.key == key), None)


def section_after(section: Section, sections: tuple[Section, ...] = SECTIONS) -> Section | None:
    """Return the next of `sections`, or None after the last."""
    keys = [each.key for each in sections]
    index = keys.index(section.key) + 1
    return sections[index] if index < len(sections) else None


def section_before(section: Section, sections: tuple[Section, ...] = SECTIONS) -> Section | None:
    """Return the previous of `sections`, or None before the first."""
    index = [each.key for each in sections].index(section.key)
    return sections[index - 1] if index else None


def answers_in_sections(sections: Iterable[Section], answers: object) -> dict[str, Any]:
    """Return the readable `answers` of `sections` only: an offer does not read what it does not ask."""
    sound = clean_answers(answers)  # once for all sections
    return {key: value for section in sections for key, value in section.form.own_answers(sound).items()}


def read_offer_questions(offer: Offer, rulebook: RulebookVersion) -> OfferQuestions:
    """Return what `offer` asks under `rulebook`: criteria, and current grid lines by position. One query."""
    return _offer_questions(rulebook, offer.grid_lines.order_by("position"))


def _offer_questions(rulebook: RulebookVersion, grid: Iterable[GridLine]) -> OfferQuestions:
    lines = tuple(
        GridQuestion(
            number=line.pk, text=line.text, required=line.requirement == GridLine.Requirement.REQUIRED
        )
        for line in grid
    )
    return OfferQuestions(rulebook.as_rulebook(), lines)


def current_questions(offer: Offer) -> OfferQuestions:
    """Return what `offer` currently asks. One query.

    :raises RulebookVersion.DoesNotExist: if the offer has no criteria.
    """
    return _offer_questions(*current_rulebook_and_grid(offer))


def asked_sections(offer: Offer) -> tuple[Section, ...]:
    """Return the sections that `offer` currently shows, each restricted to the questions that it asks. One query.

    :raises RulebookVersion.DoesNotExist: if the offer has no criteria.
    """
    return sections_for(current_questions(offer))


def sections_by_keys(offer: Offer, keys: Iterable[str]) -> list[Section]:
    """Return the sections with these `keys` as `offer` asks them; a section that it dropped has all its questions."""
    asked = {section.key: section for section in (*SECTIONS, *asked_sections(offer))}
    return [section for key, section in asked.items() if key in set(keys)]
