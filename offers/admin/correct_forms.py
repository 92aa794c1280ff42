"""The form of a correction: the header, the sections and the documents of a published offer, and why."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from offers.models import DOCUMENT_MAX_BYTES, DocumentRequest, Offer, Section
from offers.services import CORRECTABLE, DocumentRequestData, SectionData

from .action_forms import DayInput, ReasonForm

if TYPE_CHECKING:
    HeaderBase = forms.ModelForm[Offer]
    SectionFormSetBase = forms.BaseFormSet["SectionForm"]
    DocumentFormSetBase = forms.BaseFormSet["DocumentForm"]
else:
    HeaderBase = forms.ModelForm
    SectionFormSetBase = DocumentFormSetBase = forms.BaseFormSet


class HeaderForm(HeaderBase):
    """The fields that a correction may touch."""

    class Meta:
        model = Offer
        fields = CORRECTABLE
        widgets = {"starts_on": DayInput(), "ends_on": DayInput()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""

    def clean(self) -> dict[str, Any]:
        """Refuse to leave candidates without anyone to ask."""
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not cleaned["contact_email"] and not cleaned["contact_phone"]:
            raise forms.ValidationError(
                _("Gardez un courriel ou un téléphone à donner aux personnes candidates.")
            )
        return cleaned


class SectionForm(forms.Form):
    """One section; left blank, it is not there."""

    # Browsers send what a list shows: a form left alone must show what it began with.
    kind = forms.ChoiceField(label=_("Nature"), choices=Section.Kind.choices, initial=Section.Kind.OTHER)
    title = forms.CharField(
        label=_("Titre"), max_length=Section._meta.get_field("title").max_length, required=False
    )
    text = forms.CharField(
        label=_("Texte"), required=False, strip=False, widget=forms.Textarea(attrs={"rows": 10})
    )

    def clean_text(self) -> str:
        """End lines as the offer does."""
        return "\n".join(str(self.cleaned_data["text"]).splitlines())


class BaseSectionFormSet(SectionFormSetBase):
    """The sections, in the order of their ranks, and one more to add."""

    def add_fields(self, form: Any, index: int | None) -> None:
        """Name the rank and the removal."""
        super().add_fields(form, index)
        form.label_suffix = ""
        form.fields["ORDER"].label = _("Rang")
        if "DELETE" in form.fields:
            form.fields["DELETE"].label = _("Retirer cette section")

    def texts(self) -> list[SectionData]:
        """Return the sections as they are to read."""
        return [
            SectionData(**{name: form.cleaned_data[name] for name in ("kind", "title", "text")})
            for form in self.ordered_forms
            if form.cleaned_data.get("title") or form.cleaned_data.get("text")
        ]


class DocumentForm(forms.Form):
    """One document asked for."""

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

    def asked(self) -> DocumentRequestData:
        """Return the document as it is to ask for."""
        return DocumentRequestData(**{name: self.cleaned_data[name] for name in self.fields})


class BaseDocumentFormSet(DocumentFormSetBase):
    """The documents asked for, whose nature stays, and one more to add."""

    def add_fields(self, form: Any, index: int | None) -> None:
        """Keep the nature of a document that is asked for; one that is added is optional."""
        super().add_fields(form, index)
        form.label_suffix = ""
        if index is not None and index < self.initial_form_count():
            form.fields["kind"].disabled = True
        else:
            form.fields["required"].disabled = True
            form.fields["required"].help_text = _("Un document ajouté après la publication est facultatif.")

    def asked(self) -> list[DocumentRequestData]:
        """Return the documents as they are to ask for, an untouched one more left out."""
        first = self.initial_form_count()
        return [form.asked() for index, form in enumerate(self.forms) if index < first or form.has_changed()]


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
    """Why, and what the person has read: the offer before (`seen`), then what the correction changes (`agreed`)."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=32)
    agreed = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in one field, and the way to it."""

    link: str
    field: str
    words: str


class Correction:
    """All the forms of a correction of `offer`, filled in from `data` or from the offer."""

    def __init__(self, offer: Offer, data: Mapping[str, Any] | None, *, seen: str) -> None:
        stored = Offer.objects.get(pk=offer.pk)  # the form writes what it is given into its own copy
        self.header = HeaderForm(data, instance=stored, prefix="header")
        self.sections = SectionFormSet(
            data,
            prefix="sections",
            initial=list(offer.sections.order_by("position").values("kind", "title", "text")),
        )
        asked = ("kind", "label", "hint", "required", "max_pages", "max_bytes")
        self.documents = DocumentFormSet(
            data, prefix="documents", initial=list(offer.documents.order_by("position").values(*asked))
        )
        self.why = CorrectionReasonForm(data, offer=offer, initial={"seen": seen})

    def is_valid(self) -> bool:
        """Check every form, so that every error shows at once."""
        checked = [form.is_valid() for form in (self.header, self.sections, self.documents, self.why)]
        return all(checked)

    def problems(self) -> Iterator[Problem]:
        """Yield what is wrong in each field, in the order of the page."""
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
        """Say at the top of the page why the whole is refused."""
        self.why.add_error(None, sentence)

    def wanted(self) -> dict[str, Any]:
        """Return what `correct_offer` takes, once all is valid."""
        return {
            "header": {name: self.header.cleaned_data[name] for name in CORRECTABLE},
            "sections": self.sections.texts(),
            "documents": self.documents.asked(),
        }


def digest_of_lines(lines: Sequence[str]) -> str:
    """Return a name for what a correction says it changes: one confirms what one has read."""
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
