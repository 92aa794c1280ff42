"""The form of the reading page: one form for the facts and the assessment. Forms validate and never save."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from intake.profiles.fields import TidyTextField
from intake.review.evidence.forms import NOTE_MAX
from intake.review.evidence.operations import Basis
from intake.review.marks.forms import AssessmentForm
from intake.review.marks.typed import FACT_PREFIX
from intake.review.models import Evidence
from intake.review.pages.forms import VersionedForm

from .facts import DossierPage
from .operations import FactCheck


class FactForm(VersionedForm):
    """Whether the documents confirm one finding, on which page of the dossier or for which reason."""

    outcome = forms.ChoiceField(
        label=_("Constat"),
        choices=[
            ("", _("Pas vérifié")),
            (Evidence.Outcome.CONFIRMED, _("Confirmé")),
            (Evidence.Outcome.CONTRADICTED, _("Contredit")),
        ],
        required=False,
        widget=forms.RadioSelect,
    )
    page = forms.IntegerField(
        label=_("Page du dossier"),
        required=False,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages={"invalid": _("Inscrivez le numéro d’une page du dossier.")},
    )
    note = TidyTextField(label=_("Précision"), required=False, max_length=NOTE_MAX)
    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    """Key of the evidence that counted when the page was displayed; 0 for none."""

    def __init__(self, *args: Any, pages: Mapping[int, DossierPage], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pages = pages

    def clean(self) -> dict[str, Any]:
        """Raise if a check has no basis, or names a page that is not a document's."""
        cleaned = super().clean()
        page, outcome = cleaned.get("page"), cleaned.get("outcome")
        if not outcome:
            return cleaned
        if page is not None and page not in self.pages:
            self.add_error("page", _("Cette page n’existe pas dans le dossier."))
        elif page is not None and self.pages[page].document is None:
            self.add_error(
                "page", _("Cette page répète les réponses : elle ne prouve rien. Choisissez un document.")
            )
        elif (
            outcome == Evidence.Outcome.CONTRADICTED and not cleaned.get("note") and "note" not in self.errors
        ):
            self.add_error("note", _("Inscrivez en quelques mots ce que le document contredit."))
        elif page is None and not cleaned.get("note") and not {"page", "note"} & self.errors.keys():
            self.add_error("page", _("Inscrivez la page qui établit ce constat, ou une précision."))
        return cleaned

    def check(self, position: int) -> FactCheck | None:
        """Return what a valid form checks; None for nothing."""
        data = self.cleaned_data
        if not data["outcome"]:
            return None
        shown = self.pages.get(data["page"])
        return FactCheck(
            position=position,
            outcome=Evidence.Outcome(data["outcome"]),
            basis=Basis(
                document_id=shown.document.pk if shown and shown.document else None,
                page=shown.page if shown and shown.document else None,
                note=data["note"],
            ),
            seen=data["seen"],
        )


class AsideForm(forms.Form):
    """Why a file is put aside."""

    aside_reason = TidyTextField(
        label=_("Pourquoi plus tard ?"),
        max_length=200,
        widget=forms.TextInput(attrs={"form": "mise-de-cote"}),  # a form of its own: Enter sends it alone
        error_messages={"required": _("Inscrivez en quelques mots pourquoi vous y reviendrez plus tard.")},
    )


@dataclass(slots=True)
class ReadingForm:
    """All that one page submits: the facts, by the position of their finding, and the reader's assessment if any."""

    facts: dict[int, FactForm] = field(default_factory=dict)
    assessment: AssessmentForm | None = None

    def is_valid(self) -> bool:
        """Validate every part: each shows its own errors."""
        refused = [form for form in (*self.facts.values(), self.assessment) if form and not form.is_valid()]
        return not refused

    def checks(self) -> list[FactCheck]:
        """Return what a valid form checks, in the order of the findings."""
        found = (form.check(position) for position, form in self.facts.items())
        return [check for check in found if check is not None]


def prefix_of(position: int) -> str:
    """Return the prefix of the fields about one finding."""
    return f"{FACT_PREFIX}{position}"


def fact_initial(position: int, typed: Mapping[str, str]) -> dict[str, str]:
    """Return what was typed about one finding, by field of `FactForm`."""
    prefix = f"{prefix_of(position)}-"
    return {name.removeprefix(prefix): text for name, text in typed.items() if name.startswith(prefix)}
