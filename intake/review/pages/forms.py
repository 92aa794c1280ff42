"""Form base classes for reviewers and staff. Forms validate and never save."""

from typing import Any

from django import forms
from django.http import QueryDict

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
