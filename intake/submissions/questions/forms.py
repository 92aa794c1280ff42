"""Forms of the questions that are not in the profile: attestations and languages."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from eligibility.bilingual import language
from eligibility.criteria.attestations import OnceOnly, Skills, Writing
from intake.profiles import question_kinds
from intake.profiles.forms import AnswersForm
from intake.web.formats import in_english

WRITING_PREFIX: Final = "attests_writing_"
"""Prefix of the keys about writing; the code of a language follows."""
_LANGUAGE_CHOICES: Final = [
    ("", _("Choisissez")),
    ("NONE", _("Aucune connaissance")),
    ("BASIC", _("Notions")),
    ("INTERMEDIATE", _("Intermédiaire")),
    ("ADVANCED", _("Avancé")),
    ("FLUENT", _("Courant, ou langue maternelle")),
]


def _ask_about_writing(code: str) -> str:
    name = language(code)
    return gettext("Avez-vous une excellente capacité de rédaction %(language)s ?") % {
        "language": name.en if in_english() else name.fr
    }


def writing_question(code: str) -> question_kinds.YesNo:
    """Return the question about writing in the language `code`, such as `fr`."""
    return question_kinds.YesNo(lazy(_ask_about_writing, str)(code), evaluated_by=(Writing,))


class AttestationsForm(AnswersForm):
    """Attestations and past participation. `restrict_form` adds the other languages that an offer asks for."""

    attests_writing_fr = writing_question("fr")
    attests_writing_en = writing_question("en")
    attests_skills = question_kinds.YesNo(
        _("Avez-vous les compétences et l’expérience que l’offre exige ?"),
        _("Relisez ce que l’offre demande. Un atout n’est pas exigé."),
        evaluated_by=(Skills,),
    )
    past_participant = question_kinds.YesNo(
        _("Avez-vous déjà participé à ce programme ?"),
        _("Une personne ne peut participer qu’une seule fois."),
        evaluated_by=(OnceOnly,),
    )

    @classmethod
    def comparable_answers(cls, answers: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answers of the form, and those about writing in any language."""
        writing = sorted(key for key in answers if key.startswith(WRITING_PREFIX))
        return super().comparable_answers(answers) | {key: answers[key] for key in writing}


def _level_question(label: Any) -> question_kinds.Code:
    return question_kinds.Code(
        label=label,
        choices=_LANGUAGE_CHOICES,
        error_messages={"required": _("Choisissez un niveau.")},
        asked_with=(Writing,),  # the committee reads it, and no criterion does
    )


class LanguagesForm(AnswersForm):
    """Levels in French and English, and other languages."""

    language_fr_read = _level_question(_("Français lu"))
    language_fr_spoken = _level_question(_("Français parlé"))
    language_fr_written = _level_question(_("Français écrit"))
    language_en_read = _level_question(_("Anglais lu"))
    language_en_spoken = _level_question(_("Anglais parlé"))
    language_en_written = _level_question(_("Anglais écrit"))
    other_languages = question_kinds.Paragraphs(
        label=_("Autres langues"),
        required=False,
        max_length=300,
        help_text=_(
            "Inscrivez chaque langue et votre niveau, par exemple : espagnol, avancé ; arabe, "
            "notions. 300 caractères au plus."
        ),
        asked_with=(Writing,),
    )


LANGUAGE_LEVELS: Final = tuple(
    key
    for key, question in question_kinds.declared_questions(LanguagesForm).items()
    if isinstance(question, question_kinds.Code)
)


@lru_cache(maxsize=256)
def restrict_form(form: type[AnswersForm], asked: frozenset[str]) -> type[AnswersForm]:
    """Return a subclass of `form` with only the questions whose keys are in `asked`; cached per set of questions.

    Writing questions in languages that `form` does not declare are added. The subclass uses `comparable_answers` of
    `form`: a question that the offer drops must not look like a change by another tab.
    """
    added = {
        key: writing_question(key.removeprefix(WRITING_PREFIX))
        for key in sorted(asked - form.answer_keys())
        if key.startswith(WRITING_PREFIX)
    }
    dropped = dict.fromkeys(form.base_fields.keys() - asked)
    if not added and not dropped:
        return form
    # In Django, None removes a field that a parent form declares.
    attributes = {**dropped, **added, "comparable_answers": form.comparable_answers}
    narrowed: type[AnswersForm] = type(form.__name__, (form,), attributes)
    ordered = sorted(narrowed.base_fields, key=lambda key: not key.startswith(WRITING_PREFIX))
    narrowed.base_fields = {key: narrowed.base_fields[key] for key in ordered}  # writing first
    return narrowed
