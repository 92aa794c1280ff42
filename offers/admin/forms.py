"""The form of an offer in the administration."""

from contextlib import suppress
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _

from offers.models import Offer
from offers.selectors import page_digest
from offers.services.creating import closing_instant, default_programme

CHANGED_MEANWHILE = "moved"
"""Code of the error that the draft changed after the user read it."""


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
            self.fields["programme"].widget.can_add_related = False  # they have their own pages
            self.fields["programme"].widget.can_change_related = False
            self.fields["programme"].widget.can_view_related = False
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
                cleaned["closes_at"] = closing_instant(closes_on=day, zone=ZoneInfo(zone or ""))
        if "seen" in self.fields and cleaned.get("seen") != self.initial["seen"]:
            self.add_error(None, forms.ValidationError(self._changed_error(), code=CHANGED_MEANWHILE))
        return cleaned

    def _changed_error(self) -> str:
        """Return the message for a user who read another draft. Their next POST is compared with the current draft."""
        sent = self.data.dict() if isinstance(self.data, QueryDict) else self.data
        self.data = {**sent, self.add_prefix("seen"): self.initial["seen"]}
        said = _(
            "Ce brouillon a changé depuis que cette page est affichée : une autre personne l’a enregistré, ou "
            "vous-même dans un autre onglet. Rien n’a été enregistré à l’instant ; ce que vous avez écrit est "
            "ci-dessous. Ouvrez l’offre dans un autre onglet pour comparer, puis enregistrez de nouveau pour que votre "
            "texte remplace l’autre."
        )
        if differing := [str(self.fields[name].label) for name in self.changed_data]:
            said += " " + _("Dans l’en-tête, ceci diffère : %(fields)s.") % {"fields": ", ".join(differing)}
        return said
