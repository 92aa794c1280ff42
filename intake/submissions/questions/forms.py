"""Forms of the questions that are not in the profile: attestations and languages."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from django import forms
from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from eligibility.bilingual import language
from intake.profiles.fields import TidyParagraphsField
from intake.profiles.forms import AnswersForm, yes_no_field
from intake.web.formats import in_english

from .offer_questions import WRITING_PREFIX

LANGUAGE_CHOICES = [
    ("NONE", _("Aucune connaissance")),
    ("BASIC", _("Notions")),
    ("INTERMEDIATE", _("Intermédiaire")),
    ("ADVANCED", _("Avancé")),
    ("FLUENT", _("Courant, ou langue maternelle")),
]


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _ask_about_writing(code: str) -> str:
    name = language(code)
    return gettext("Avez-vous une excellente capacité de rédaction %(language)s ?") % {
        "language": name.en if in_english() else name.fr
    }


def writing_field(code: str) -> forms.TypedChoiceField:
    """Return the question about writing in the language `code`, such as `fr`."""
    return yes_no_field(lazy(_ask_about_writing, str)(code))


class AttestationsForm(AnswersForm):
    """Attestations and past participation. `restrict_form` adds the other languages that an offer asks for."""

    attests_writing_fr = writing_field("fr")
    attests_writing_en = writing_field("en")
    attests_skills = yes_no_field(
        _("Avez-vous les compétences et l’expérience que l’offre exige ?"),
        _("Relisez ce que l’offre demande. Un atout n’est pas exigé."),
    )
    past_participant = yes_no_field(
        _("Avez-vous déjà pris part à ce programme ?"),
        _("La participation est unique : une personne ne peut y prendre part qu’une fois."),
    )

    @classmethod
    def comparable_answers(cls, answers: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answers of the form, and those about writing in any language."""
        writing = sorted(key for key in answers if key.startswith(WRITING_PREFIX))
        return super().comparable_answers(answers) | {key: answers[key] for key in writing}


def level_field(label: Any) -> forms.ChoiceField:
    """Return a question about the level of one skill in one language."""
    return forms.ChoiceField(
        label=label,
        choices=[("", _("Choisissez")), *LANGUAGE_CHOICES],
        error_messages={"required": _("Choisissez un niveau.")},
    )


class LanguagesForm(AnswersForm):
    """Levels in French and English, and other languages."""

    language_fr_read = level_field(_("Français lu"))
    language_fr_spoken = level_field(_("Français parlé"))
    language_fr_written = level_field(_("Français écrit"))
    language_en_read = level_field(_("Anglais lu"))
    language_en_spoken = level_field(_("Anglais parlé"))
    language_en_written = level_field(_("Anglais écrit"))
    other_languages = TidyParagraphsField(
        label=_("Autres langues"),
        required=False,
        max_length=300,
        help_text=_(
            "Avec leur niveau. Par exemple : espagnol, avancé ; arabe, notions. 300 caractères au plus."
        ),
    )


@lru_cache(maxsize=256)
def restrict_form(form: type[AnswersForm], asked: frozenset[str]) -> type[AnswersForm]:
    """Return a subclass of `form` with only the questions whose keys are in `asked`; cached per set of questions.

    Writing questions in languages that `form` does not declare are added. The subclass uses `comparable_answers` of
    `form`: a question that the offer drops must not look like a change by another tab.
    """
    added = {
        key: writing_field(key.removeprefix(WRITING_PREFIX))
        for key in sorted(asked - form.answer_keys())
        if key.startswith(WRITING_PREFIX)
    }
    dropped = dict.fromkeys(form.base_fields.keys() - asked)
    if not added and not dropped:
        return form
    writing = [key for key in form.base_fields if key.startswith(WRITING_PREFIX)]
    # In Django, None removes a field that a parent form declares.
    attributes = {
        **dropped,
        **added,
        "field_order": [*writing, *added],
        "comparable_answers": form.comparable_answers,
    }
    narrowed: type[AnswersForm] = type(form.__name__, (form,), attributes)
    return narrowed
