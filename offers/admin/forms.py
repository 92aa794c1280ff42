"""The form of an offer in the administration, and the detection of a repeated save."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms.formsets import DELETION_FIELD_NAME
from django.http import QueryDict
from django.utils.translation import gettext as _

from offers.models import Offer
from offers.selectors import page_digest
from offers.services.creating import closing_instant, default_programme

CHANGED_MEANWHILE = "moved"
"""Code of the error that the draft changed after the user read it."""
type _Rows = list[tuple[tuple[str, Any], ...]]


class _VersionField(forms.CharField):
    """Hidden digest of the content that the user read. It is no input of the user."""

    widget = forms.HiddenInput

    def has_changed(self, initial: Any, data: Any) -> bool:  # noqa: ARG002 -- Django's signature
        """Return False: the field does not count as changed."""
        return False


class OfferForm(forms.ModelForm[Offer]):
    """An offer's header. Programme and closing instant may be blank.

    Their defaults are the portal's first programme, and the midnight that ends the printed day. `seen` is the digest of
    the draft that the page showed (`offers.selectors.page_digest`). A changed draft is not overwritten.
    """

    class Meta:
        model = Offer
        exclude = ("created_at",)  # noqa: DJ006 -- a new column is edited here

    seen = _VersionField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and not self.instance.is_published:
            self.initial["seen"] = page_digest(self.instance)
        else:
            del self.fields["seen"]
        if "closes_at" in self.fields:  # a published offer is read-only
            self.fields["closes_at"].required = False
        if "programme" in self.fields:
            self.fields["programme"].required = False
            widget = self.fields["programme"].widget
            # Programmes have their own pages.
            widget.can_add_related = widget.can_change_related = widget.can_view_related = False
            if not self.instance.pk:
                self.initial.setdefault("programme", default_programme())

    def clean(self) -> dict[str, Any]:
        """Set the defaults of blank fields: the programme, and the closing instant in the offer's own zone."""
        cleaned = super().clean() or self.cleaned_data
        if "programme" in self.fields and "programme" not in self.errors:
            cleaned["programme"] = cleaned.get("programme") or default_programme()
        day, zone = cleaned.get("closes_on"), cleaned.get("time_zone")
        if day and not cleaned.get("closes_at") and "closes_at" not in self.errors:
            # The model rejects an unknown zone, with an error at its field.
            with suppress(ValueError, OSError, ZoneInfoNotFoundError):
                try:
                    cleaned["closes_at"] = closing_instant(closes_on=day, zone=ZoneInfo(zone or ""))
                except OverflowError:
                    self.add_error("closes_on", _("Ces dates dépassent le calendrier."))
        if "seen" in self.fields and cleaned.get("seen") != self.initial["seen"]:
            self.add_error(None, ValidationError(self._changed_error(), code=CHANGED_MEANWHILE))
        return cleaned

    def _changed_error(self) -> str:
        """Return the message for a user who read another draft. Their next POST is compared with the current draft."""
        sent = self.data.dict() if isinstance(self.data, QueryDict) else self.data
        self.data = {**sent, self.add_prefix("seen"): self.initial["seen"]}
        text = _(
            "Ce brouillon a changé depuis l’ouverture de cette page. Rien n’est enregistré ; "
            "votre texte est ci-dessous. Ouvrez l’offre dans un autre onglet pour comparer, "
            "puis enregistrez de nouveau pour remplacer l’autre texte."
        )
        if differing := [str(self.fields[name].label) for name in self.changed_data]:
            text += " " + _("Différences dans l’en-tête : %(fields)s.") % {"fields": ", ".join(differing)}
        return text


# -- Repeated save ---------------------------------------------------------------------------------------------
def is_repeated_save(
    form: forms.ModelForm[Offer], formsets: Iterable[forms.BaseModelFormSet[Any, Any]]
) -> bool:
    """True if the only error is that the draft changed after it was read, and the stored draft has the posted content.

    A double click is one save, and so is the same text from two users. `form` and `formsets` are bound to the POST, on
    a draft that is read under its lock.
    """
    errors = form.errors.as_data()
    codes = [error.code for error in errors.pop(NON_FIELD_ERRORS, [])]
    if errors or codes != [CHANGED_MEANWHILE]:
        return False
    stored = Offer.objects.get(pk=form.instance.pk)
    header = all(
        getattr(form.instance, field.attname) == getattr(stored, field.attname)
        for field in Offer._meta.concrete_fields
        if field.name in form.fields
    )
    return header and all(
        _posted_rows(formset) == _in_order(formset.get_queryset().values(*_editable_fields(formset)))
        for formset in formsets
    )


def _editable_fields(formset: forms.BaseModelFormSet[Any, Any]) -> list[str]:
    """Return the editable fields of a part, without its id, its offer and the deletion checkbox."""
    written = {field.name for field in formset.get_queryset().model._meta.concrete_fields if field.editable}
    return sorted(name for name in formset.empty_form.fields if name in written - {"id", "offer"})


def _posted_rows(formset: forms.BaseModelFormSet[Any, Any]) -> _Rows | None:
    """Return the parts as posted, without their row ids; None if one is invalid."""
    names, rows = _editable_fields(formset), []
    for form in formset.forms:
        if form.empty_permitted and not form.has_changed():
            continue
        try:
            if not (formset.can_delete and _cleaned_value(form, DELETION_FIELD_NAME)):
                rows.append({name: _cleaned_value(form, name) for name in names})
        except ValidationError:
            return None
    return _in_order(rows)


def _cleaned_value(form: forms.ModelForm[Any], name: str) -> Any:
    """Clean one field without the rest of its form: the row of the form may be deleted."""
    return form.fields[name].clean(form[name].data)


def _in_order(rows: Iterable[Mapping[str, Any]]) -> _Rows:
    return sorted((tuple(sorted(row.items())) for row in rows), key=repr)
