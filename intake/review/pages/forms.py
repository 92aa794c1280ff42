"""Form base classes for reviewers and staff. Forms validate and never save."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from intake.review.access.errors import ReviewError
from intake.review.models import Claim

NOTE_MAX = 5000
REASON_MAX = 2000
INCOMPLETE = ReviewError.message


class VersionedForm(forms.Form):
    """Form with hidden version fields. An error in one of them is shown as an error of the whole form."""

    held: Claim | None = None
    """The claim of another user that made the operation fail, if any."""

    def clean(self) -> dict[str, Any]:
        """Raise if a hidden field is missing or invalid."""
        if any(field.name in self.errors for field in self.hidden_fields()):
            raise forms.ValidationError(INCOMPLETE, code="incomplete")
        return super().clean() or self.cleaned_data

    def update_version(self, **shown: int | str | None) -> None:
        """Put the versions that the page now displays into the hidden fields. Keep the other values."""
        sent = self.data.dict() if isinstance(self.data, QueryDict) else self.data
        self.data = {**sent, **{self.add_prefix(name): value for name, value in shown.items()}}


class ReasonForm(VersionedForm):
    """Confirmation of a move. It has the field `reason` only if the move requires one."""

    reason = forms.CharField(
        label=_("Motif"),
        max_length=REASON_MAX,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Inscrivez le motif : cette décision en demande un.")},
    )

    reason_help: StrOrPromise
    reason_too_long: StrOrPromise

    def __init__(self, *args: Any, reason_required: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = self.reason_help
        self.fields["reason"].error_messages["max_length"] = self.reason_too_long
        if not reason_required:
            del self.fields["reason"]
