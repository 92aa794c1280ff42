"""Form that verifies one finding against the documents."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from intake.profiles.fields import TidyTextField
from intake.review.models import Evidence
from intake.review.pages.forms import VersionedForm
from intake.submissions.models import FiledDocument
from intake.web import formats

from .operations import Basis

NOTE_MAX = 500


class EvidenceForm(VersionedForm):
    """What was found, with a page of a document or a note, and the versions that the page displayed.

    The operation checks that the document and its page exist, because the filing may be replaced concurrently.
    """

    outcome = forms.ChoiceField(
        label=_("Ce que vous avez constaté"),
        choices=[
            (Evidence.Outcome.CONFIRMED, _("Confirmé : le document établit que ce critère est respecté")),
            (Evidence.Outcome.CONTRADICTED, _("Contredit : le document ne correspond pas à la déclaration")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choisissez : confirmé, ou contredit.")},
    )
    document = forms.IntegerField(label=_("Document"), required=False, widget=forms.Select)
    page = forms.IntegerField(
        label=_("Page"),
        required=False,
        min_value=1,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages=dict.fromkeys(
            ("invalid", "min_value"), _("Inscrivez le numéro de la page de ce document, à partir de 1.")
        ),
    )
    note = TidyTextField(
        label=_("Précision"),
        help_text=_(
            "Nécessaire sans document : entrevue, registre, appel à l’établissement… Le comité "
            "et le personnel lisent ce texte. 500 caractères au plus."
        ),
        required=False,
        max_length=NOTE_MAX,
    )
    filing = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    """Key of the evidence that counted when the page was displayed; 0 for none."""

    def __init__(self, *args: Any, documents: Sequence[FiledDocument], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        widget = self.fields["document"].widget
        if isinstance(widget, forms.Select):
            widget.choices = [("", _("Aucun document"))] + [
                (
                    row.pk,
                    ngettext("%(label)s (%(pages)s page)", "%(label)s (%(pages)s pages)", row.upload.pages)
                    % {"label": row.request.label, "pages": formats.number(row.upload.pages)},
                )
                for row in documents
            ]

    def clean(self) -> dict[str, Any]:
        """Raise for a page without a document, a document without a page, or neither these nor a note."""
        cleaned = super().clean()
        document, page = cleaned.get("document"), cleaned.get("page")
        if document is not None and page is None and "page" not in self.errors:
            self.add_error("page", _("Inscrivez la page du document."))
        if page is not None and document is None and "document" not in self.errors:
            self.add_error("document", _("Choisissez le document de cette page."))
        given = document is not None or page is not None or cleaned.get("note")
        if not given and not {"document", "page", "note"} & self.errors.keys():
            self.add_error(
                "note", _("Choisissez un document et sa page, ou inscrivez ici ce qui établit le constat.")
            )
        return cleaned

    def basis(self) -> Basis:
        """Return the basis of the verification, of a valid form."""
        return Basis(
            document_id=self.cleaned_data["document"],
            page=self.cleaned_data["page"],
            note=self.cleaned_data["note"],
        )


def prefix_of(position: int) -> str:
    """Return the prefix of the fields of the form on a finding. A page has one form per finding."""
    return f"verification-{position}"
