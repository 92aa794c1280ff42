"""Forms for assigning the files of an offer. Forms validate and never save."""

import re
from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from intake.base.widgets import DayInput
from intake.register.errors import NotUtf8Error
from intake.register.forms import decode_utf8
from intake.review.pages.forms import INCOMPLETE, VersionedForm

MAX_READERS = 9
MAX_COMMON = 100
MAX_BYTES = 1024 * 1024
"""Bytes of a CSV list: about twenty thousand lines."""
_PAIR = re.compile(r"(\d{1,18})-(\d{1,18})")


class DueForm(VersionedForm):
    """The due day of new assignments: inclusive, not in the past. Empty: no due day."""

    due_on = forms.DateField(
        label=_("Échéance (facultatif)"),
        help_text=_("Dernier jour, en entier, pour remettre les évaluations."),
        required=False,
        widget=DayInput,
        error_messages={"invalid": _("Choisissez un jour, par exemple 2027-10-15.")},
    )

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **({"label_suffix": ""} | kwargs))
        self.on = on
        self.fields["due_on"].widget.attrs["min"] = on.isoformat()

    def clean_due_on(self) -> date | None:
        """Raise if the day is before `on`."""
        day: date | None = self.cleaned_data["due_on"]
        if day is not None and day < self.on:
            raise ValidationError(_("Ce jour est passé : choisissez aujourd’hui ou un jour à venir."))
        return day


class DueChangeForm(DueForm):
    """A new due day for unmarked assignments of one member or of the whole committee."""

    def __init__(self, *args: Any, members: Iterable[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        day = self.fields["due_on"]
        day.required = True
        day.label = _("Échéance")
        day.error_messages["required"] = _("Choisissez le jour.")
        self.fields["member"] = forms.TypedChoiceField(
            label=_("Membre du comité"),
            choices=[("", _("Tout le comité")), *members],
            coerce=int,
            empty_value=None,
            required=False,
            error_messages={"invalid_choice": _("Choisissez un membre du comité.")},
        )
        self.order_fields(["member", "due_on"])


class EvenDivisionForm(DueForm):
    """The number of readers that each file must have, and the number of files that all members read (empty: none)."""

    readers = forms.IntegerField(
        label=_("Évaluations par dossier"),
        help_text=_("Évaluations par dossier, y compris celles déjà attribuées."),
        min_value=1,
        max_value=MAX_READERS,
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"), _("Inscrivez un nombre entier de 1 à 9.")
        ),
    )
    common = forms.IntegerField(
        label=_("Dossiers évalués par tout le comité"),
        help_text=_("Tirés au sort, pour comparer les notes des membres. 0 : aucun."),
        min_value=0,
        max_value=MAX_COMMON,
        required=False,
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"), _("Inscrivez un nombre entier de 0 à 100.")
        ),
    )
    field_order = ("readers", "common", "due_on")

    def clean_common(self) -> int:
        """Return the number; 0 if it is empty."""
        return self.cleaned_data["common"] or 0


class ConfirmDivisionForm(EvenDivisionForm):
    """The confirmation of a displayed even division. `seen` is its digest."""

    seen = forms.CharField(max_length=64, widget=forms.HiddenInput)


class RemovalForm(DueForm):
    """The removal of a committee member. `seen` is the digest of the displayed division of their files."""

    seen = forms.CharField(max_length=64, widget=forms.HiddenInput)


class ManualAssignmentForm(DueForm):
    """A page of files with the members chosen for each.

    `lit` has the ticked pairs and `etait`, separated by commas, the pairs that the page displayed as assigned: an
    assignment that another user made since is in neither, and stays.
    """

    shown = forms.BooleanField(widget=forms.HiddenInput)

    def pairs(self, name: str) -> list[tuple[int, int]]:
        """Return the pairs (file, member) in the field `name`."""
        return [(int(pair[1]), int(pair[2])) for pair in map(_PAIR.fullmatch, self._sent(name)) if pair]

    def clean(self) -> dict[str, Any]:
        """Raise if a value of `lit` or `etait` is not a pair."""
        cleaned = super().clean()
        if not all(_PAIR.fullmatch(sent) for name in ("lit", "etait") for sent in self._sent(name)):
            raise ValidationError(INCOMPLETE, code="incomplete")
        return cleaned

    def _sent(self, name: str) -> Collection[str]:
        sent = self.data.getlist(name) if hasattr(self.data, "getlist") else []
        return [pair for pairs in sent for pair in pairs.split(",")]


class CsvAssignmentForm(DueForm):
    """A CSV list: an uploaded file, or `text`, the list that was read from the file just before."""

    file = forms.FileField(
        label=_("Liste, en CSV UTF-8"),
        required=False,
        help_text=_(
            "Deux colonnes, nommées à la première ligne : numero (de l’accusé de réception) et "
            "courriel (du membre du comité). Séparez-les par des virgules ou des "
            "points-virgules. Une ligne par évaluation."
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
        error_messages={"empty": _("Ce fichier est vide.")},
    )
    text = forms.CharField(required=False, strip=False, max_length=MAX_BYTES, widget=forms.HiddenInput)
    field_order = ("file", "due_on", "text")

    def clean(self) -> dict[str, Any]:
        """Put the text of the list into `text`, from the file or from the hidden field."""
        cleaned = super().clean()
        file = cleaned.get("file")
        if "file" in self.errors:
            return cleaned
        if file is None and not cleaned.get("text"):
            self.add_error("file", _("Choisissez le fichier de la liste."))
        elif file is not None and file.size > MAX_BYTES:
            self.add_error("file", _("Ce fichier dépasse 1 Mo : importez-le en plusieurs fois."))
        elif file is not None:
            try:
                cleaned["text"] = decode_utf8(file.read())
            except NotUtf8Error as refusal:
                message = _("La ligne %(line)d est illisible : enregistrez la liste en CSV UTF-8.")
                self.add_error("file", ValidationError(message, params={"line": refusal.line}))
        return cleaned
