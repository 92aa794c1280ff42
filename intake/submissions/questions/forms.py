"""The questions that only an application asks: studies, attestations, and what is accepted when filing."""

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
    """What the person attests, and whether they took part before. Offers that ask for other languages add them."""

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
        """Return what was said of all these points, and of writing in whatever language."""
        writing = sorted(key for key in answers if key.startswith(WRITING_PREFIX))
        return super().comparable_answers(answers) | {key: answers[key] for key in writing}


def level_field(label: Any) -> forms.ChoiceField:
    """Return the question about how well one does one thing in one language."""
    return forms.ChoiceField(
        label=label,
        choices=[("", _("Choisissez")), *LANGUAGE_CHOICES],
        error_messages={"required": _("Choisissez un niveau.")},
    )


class LanguagesForm(AnswersForm):
    """How well the person knows French, English, and what other languages they know."""

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
    """Return `form` with the questions whose keys are in `asked` alone.

    Languages that the form does not declare are added to those it asks about. One class for each choice of
    questions, however often it is asked for. Two pages are compared by all that `form` itself compares: that the offer
    drops a question is not another tab's doing.
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
    # A field that a class sets to None is one that its parents declared and that it does not have.
    attributes = {
        **dropped,
        **added,
        "field_order": [*writing, *added],
        "comparable_answers": form.comparable_answers,
    }
    narrowed: type[AnswersForm] = type(form.__name__, (form,), attributes)
    return narrowed
