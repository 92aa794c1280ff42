"""The forms of the offer desk."""

from contextlib import suppress
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django import forms

from offers.models import Offer
from offers.services import closing_instant, default_programme

if TYPE_CHECKING:
    OfferFormBase = forms.ModelForm[Offer]
else:
    OfferFormBase = forms.ModelForm


class OfferForm(OfferFormBase):
    """An offer's header, of which two parts may be left blank.

    The programme is then the portal's first one, the closing instant the midnight that ends the printed day.
    """

    class Meta:
        model = Offer
        exclude = ("created_at",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "closes_at" in self.fields:  # a published offer is read, not written
            self.fields["closes_at"].required = False
        if "programme" in self.fields:
            self.fields["programme"].required = False
            self.fields["programme"].widget.can_add_related = False  # programmes have their own pages
            self.fields["programme"].widget.can_change_related = False
            self.fields["programme"].widget.can_view_related = False
            if not self.instance.pk:
                self.initial.setdefault("programme", default_programme())

    def clean(self) -> dict[str, Any]:
        """Fill in what was left blank: the programme, and the closing instant in the offer's own zone."""
        cleaned = super().clean() or self.cleaned_data
        if "programme" in self.fields and "programme" not in self.errors:
            cleaned["programme"] = cleaned.get("programme") or default_programme()
        day, zone = cleaned.get("closes_on"), cleaned.get("time_zone")
        if day and not cleaned.get("closes_at") and "closes_at" not in self.errors:
            # An unknown zone is refused by the model, which names its field.
            with suppress(ValueError, OSError, ZoneInfoNotFoundError):
                cleaned["closes_at"] = closing_instant(closes_on=day, zone=ZoneInfo(zone or ""))
        return cleaned
