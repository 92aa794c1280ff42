"""Form of a complement request: what is missing, what the candidate may change, and until when."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from intake.base.widgets import DayInput
from intake.profiles.fields import TidyParagraphsField
from intake.review.pages.forms import REASON_MAX, VersionedForm
from intake.submissions.complements.operations import ComplementContent, ComplementDays
from intake.submissions.questions.sections import Section
from intake.web import formats
from offers.models import DocumentRequest


class ComplementForm(VersionedForm):
    """A complement request. The page shows the mail that it would send; `letter` identifies the mail that was read."""

    words = TidyParagraphsField(
        label=_("Ce qui manque"),
        help_text=_(
            "Inscrivez ce qui manque, pourquoi, et quoi envoyer. La personne candidate lira ce "
            "texte, et son dépôt le gardera. 2 000 caractères au plus."
        ),
        max_length=REASON_MAX,
        error_messages={
            "required": _("Inscrivez ce qui manque : la personne candidate doit savoir quoi envoyer.")
        },
    )
    documents = forms.TypedMultipleChoiceField(
        label=_("Documents à envoyer de nouveau"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("Choisissez parmi les documents de l’offre.")},
    )
    sections = forms.MultipleChoiceField(
        label=_("Sections à revoir"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("Choisissez parmi les sections de l’offre.")},
    )
    due_on = forms.DateField(
        label=_("Dernier jour"),
        widget=DayInput,
        error_messages={
            "required": _("Choisissez le dernier jour pour répondre."),
            "invalid": _("Inscrivez la date, par exemple 15 octobre 2027."),
        },
    )
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    despite = forms.IntegerField(min_value=1, required=False, widget=forms.HiddenInput)
    letter = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)
    """Digest of the mail that the page showed; empty while it showed none."""

    def __init__(
        self,
        *args: Any,
        documents: Iterable[DocumentRequest],
        sections: Iterable[Section],
        days: ComplementDays,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.asked_documents = {document.pk: document for document in documents}
        self.days = days
        for name, choices in (
            ("documents", [(pk, document.label) for pk, document in self.asked_documents.items()]),
            ("sections", [(section.key, section.title) for section in sections]),
        ):
            cast("forms.ChoiceField", self.fields[name]).choices = choices
        self.fields["due_on"].help_text = _now(
            "Du %(first)s au %(last)s, le jour entier, jusqu’à l’heure de fermeture de l’offre."
        ) % {"first": formats.day(days.first), "last": formats.day(days.last)}

    @property
    def choices_shown(self) -> list[forms.BoundField]:
        """The groups of checkboxes, in the order of the page."""
        return [self["documents"], self["sections"]]

    def clean_due_on(self) -> date:
        """Raise if the day leaves too little time, or if the stage has begun by then."""
        due_on: date = self.cleaned_data["due_on"]
        if due_on < self.days.first:
            raise forms.ValidationError(
                _("Au moins 48 heures, et jamais moins que le délai annoncé : le %(day)s au plus tôt.")
                % {"day": formats.day(self.days.first)}
            )
        if due_on > self.days.last:
            raise forms.ValidationError(
                _("Le stage commence le %(day)s : la date limite doit être avant ce jour.")
                % {"day": formats.day(self.days.last + timedelta(days=1))}
            )
        return due_on

    def clean(self) -> dict[str, Any]:
        """Raise if the request names neither a document nor a section."""
        cleaned = super().clean()
        if not (cleaned.get("documents") or cleaned.get("sections")) and not {"documents", "sections"} & {
            *self.errors
        }:
            raise forms.ValidationError(
                _(
                    "Cochez au moins un document ou une section : sinon, la personne candidate ne "
                    "pourrait rien changer."
                ),
                code="nothing",
            )
        return cleaned

    def asked(self) -> ComplementContent:
        """Return the content of the request. The form must be valid."""
        data = self.cleaned_data
        return ComplementContent(
            words=data["words"],
            documents=[self.asked_documents[pk] for pk in data["documents"]],
            sections=data["sections"],
            due_on=data["due_on"],
        )
