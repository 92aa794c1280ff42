"""Forms of a correction: header, sections and document requests of a published offer, and the reason."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from intake.base.widgets import DayInput
from offers.models import (
    DOCUMENT_MAX_BYTES,
    DocumentRequest,
    DocumentRequestData,
    Offer,
    Section,
    SectionData,
)
from offers.services.correcting import CORRECTABLE

from .action_forms import ReasonForm


class HeaderForm(forms.ModelForm[Offer]):
    """The fields that a correction may change."""

    class Meta:
        model = Offer
        fields = CORRECTABLE
        widgets = {"starts_on": DayInput(), "ends_on": DayInput()}

    def clean(self) -> dict[str, Any]:
        """Raise unless an email address or a telephone number is left for candidates."""
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not cleaned["contact_email"] and not cleaned["contact_phone"]:
            raise forms.ValidationError(
                _("Gardez une adresse courriel ou un téléphone pour les personnes candidates.")
            )
        return cleaned


class SectionForm(forms.Form):
    """One section; a blank one is ignored."""

    # Browsers post the selected option: an untouched form must post its initial value.
    kind = forms.ChoiceField(label=_("Nature"), choices=Section.Kind.choices, initial=Section.Kind.OTHER)
    title = forms.CharField(
        label=_("Titre"), max_length=Section._meta.get_field("title").max_length, required=False
    )
    text = forms.CharField(
        label=_("Texte"), required=False, strip=False, widget=forms.Textarea(attrs={"rows": 10})
    )

    def clean_text(self) -> str:
        """Return the text with the line endings of the offer: browsers post others."""
        return "\n".join(str(self.cleaned_data["text"]).splitlines())


class BaseSectionFormSet(forms.BaseFormSet["SectionForm"]):
    """The sections, in order of rank, and an empty one to add."""

    def add_fields(self, form: Any, index: int | None) -> None:
        """Set the labels of rank and removal."""
        super().add_fields(form, index)
        form.fields["ORDER"].label = _("Rang")
        if "DELETE" in form.fields:
            form.fields["DELETE"].label = _("Retirer cette section")

    def texts(self) -> list[SectionData]:
        """Return the sections after the correction, in order."""
        return [
            SectionData(**{name: form.cleaned_data[name] for name in ("kind", "title", "text")})
            for form in self.ordered_forms
            if form.cleaned_data.get("title") or form.cleaned_data.get("text")
        ]


class DocumentForm(forms.Form):
    """One document request."""

    kind = forms.ChoiceField(
        label=_("Nature"), choices=DocumentRequest.Kind.choices, initial=DocumentRequest.Kind.OTHER
    )
    label = forms.CharField(
        label=_("Libellé"), max_length=DocumentRequest._meta.get_field("label").max_length
    )
    hint = forms.CharField(
        label=_("Précision"), max_length=DocumentRequest._meta.get_field("hint").max_length, required=False
    )
    required = forms.BooleanField(label=_("Obligatoire"), required=False)
    max_pages = forms.IntegerField(label=_("Pages au plus"), min_value=1, max_value=1000, initial=2)
    max_bytes = forms.IntegerField(
        label=_("Octets au plus"), min_value=1, max_value=2**31 - 1, initial=DOCUMENT_MAX_BYTES
    )


class BaseDocumentFormSet(forms.BaseFormSet["DocumentForm"]):
    """The document requests, whose kind cannot change, and an empty one to add."""

    def add_fields(self, form: Any, index: int | None) -> None:
        """Disable the kind of an existing document request, and make a new one optional."""
        super().add_fields(form, index)
        if index is not None and index < self.initial_form_count():
            form.fields["kind"].disabled = True
        else:
            form.fields["required"].disabled = True
            form.fields["required"].help_text = _("Un document ajouté après la publication est facultatif.")

    def asked(self) -> list[DocumentRequestData]:
        """Return the document requests after the correction, without an untouched new one."""
        first = self.initial_form_count()
        return [
            DocumentRequestData(**{name: form.cleaned_data[name] for name in form.fields})
            for index, form in enumerate(self.forms)
            if index < first or form.has_changed()
        ]


SectionFormSet = cast(
    "type[BaseSectionFormSet]",
    forms.formset_factory(
        SectionForm, formset=BaseSectionFormSet, can_order=True, can_delete=True, can_delete_extra=False
    ),
)
DocumentFormSet = cast(
    "type[BaseDocumentFormSet]", forms.formset_factory(DocumentForm, formset=BaseDocumentFormSet)
)


class CorrectionReasonForm(ReasonForm):
    """The reason, and digests of what the user read: the offer before (`seen`), and the change lines (`agreed`)."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=32)
    agreed = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)


@dataclass(frozen=True, slots=True)
class Problem:
    """An error of one field, and a link to the field."""

    link: str
    field: str
    words: str


class Correction:
    """All forms of a correction of `offer`, filled in from `data` or from the offer."""

    def __init__(self, offer: Offer, data: Mapping[str, Any] | None, *, seen: str) -> None:
        stored = Offer.objects.get(pk=offer.pk)  # the form writes input into its own copy
        self.header = HeaderForm(data, instance=stored, prefix="header", label_suffix="")
        sections = list(offer.sections.order_by("position").values("kind", "title", "text"))
        documents = list(offer.documents.order_by("position").values(*DocumentForm.base_fields))
        kwargs = {"label_suffix": ""}
        self.sections = SectionFormSet(data, prefix="sections", initial=sections, form_kwargs=kwargs)
        self.documents = DocumentFormSet(data, prefix="documents", initial=documents, form_kwargs=kwargs)
        self.why = CorrectionReasonForm(data, offer=offer, initial={"seen": seen})

    def is_valid(self) -> bool:
        """True if all forms are valid. All are validated, so that the page shows all errors."""
        validity = [form.is_valid() for form in (self.header, self.sections, self.documents, self.why)]
        return all(validity)

    def problems(self) -> Iterator[Problem]:
        """Yield the errors of all fields, in the order of the page."""
        parts: list[tuple[str, forms.BaseForm]] = [("", self.why), ("", self.header)]
        parts += [
            (str(form.initial.get("title") or form.initial.get("label") or ""), form)
            for form in (*self.sections, *self.documents)
        ]
        for part, form in parts:
            for bound in form.visible_fields():
                for error in bound.errors:
                    named = " — ".join(filter(None, [part, str(bound.label)]))
                    yield Problem(f"#{bound.id_for_label}", named, str(error))

    def refuse(self, sentence: str) -> None:
        """Add an error of the complete correction, for the top of the page."""
        self.why.add_error(None, sentence)

    def wanted(self) -> dict[str, Any]:
        """Return the arguments of `correct_offer`. Needs valid forms."""
        return {
            "header": {name: self.header.cleaned_data[name] for name in CORRECTABLE},
            "sections": self.sections.texts(),
            "documents": self.documents.asked(),
        }


def digest_of_lines(lines: Sequence[str]) -> str:
    """Return the digest of the change lines of a correction: the user confirms the lines that they read."""
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
