"""The form that verifies one finding: what the documents say of it, and where."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from intake.profiles.fields import TidyTextField
from intake.review.models import Evidence
from intake.review.pages.forms import VersionedForm
from intake.submissions.models import FiledDocument

from .operations import Basis

NOTE_MAX = 500


class EvidenceForm(VersionedForm):
    """What was found of one finding, on which page of which document, or by what else; and what the page showed.

    Whether the document and its page exist is the service's: the filing may have been replaced meanwhile.
    """

    outcome = forms.ChoiceField(
        label=_("Ce que vous avez constaté"),
        choices=[
            (Evidence.Outcome.CONFIRMED, _("Confirmé : la pièce établit ce que ce critère demande")),
            (Evidence.Outcome.CONTRADICTED, _("Contredit : la pièce dit autre chose que la déclaration")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choisissez : confirmé, ou contredit.")},
    )
    document = forms.IntegerField(label=_("Pièce"), required=False, widget=forms.Select)
    page = forms.IntegerField(
        label=_("Page"),
        required=False,
        min_value=1,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages=dict.fromkeys(
            ("invalid", "min_value"), _("Inscrivez le numéro de la page de cette pièce, à partir de 1.")
        ),
    )
    note = TidyTextField(
        label=_("Précision"),
        help_text=_(
            "Nécessaire sans pièce : entrevue, registre, appel à l’établissement… Lue du comité et du personnel. "
            "500 caractères au plus."
        ),
        required=False,
        max_length=NOTE_MAX,
    )
    filing = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    """The number of the verification that stood when the page was shown; 0 for none."""

    def __init__(self, *args: Any, documents: Sequence[FiledDocument], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        widget = self.fields["document"].widget
        if isinstance(widget, forms.Select):
            widget.choices = [("", _("Aucune pièce"))] + [
                (
                    row.pk,
                    ngettext("%(label)s (%(pages)s page)", "%(label)s (%(pages)s pages)", row.upload.pages)
                    % {"label": row.request.label, "pages": row.upload.pages},
                )
                for row in documents
            ]

    def clean(self) -> dict[str, Any]:
        """Refuse a page without its document, a document without its page, and what rests on nothing."""
        cleaned = super().clean()
        document, page = cleaned.get("document"), cleaned.get("page")
        if document is not None and page is None and "page" not in self.errors:
            self.add_error("page", _("Inscrivez la page de la pièce où cela se lit."))
        if page is not None and document is None and "document" not in self.errors:
            self.add_error("document", _("Choisissez la pièce dont c’est la page."))
        given = document is not None or page is not None or cleaned.get("note")
        if not given and not {"document", "page", "note"} & self.errors.keys():
            self.add_error("note", _("Choisissez une pièce et sa page, ou dites ici ce qui l’établit."))
        return cleaned

    def basis(self) -> Basis:
        """Return what the verification rests on, once the form is valid."""
        return Basis(
            document_id=self.cleaned_data["document"],
            page=self.cleaned_data["page"],
            note=self.cleaned_data["note"],
        )


def prefix_of(position: int) -> str:
    """Return what the fields of the form on a finding start with: several stand on one page."""
    return f"verification-{position}"
