"""What reviewers and staff fill in. Forms validate and never save."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from intake.review.models import Claim

NOTE_MAX = 5000
REASON_MAX = 2000
INCOMPLETE = _("Cette page est revenue incomplète : rien n’a été enregistré. Rechargez-la, puis recommencez.")


class VersionedForm(forms.Form):
    """A form that sends back what the page showed, in fields nobody sees: what is wrong with them is said aloud."""

    held: Claim | None = None
    """Why it comes back, if that is because another person has the file in hand."""

    def clean(self) -> dict[str, Any]:
        """Refuse a page that came back without what it showed."""
        if any(field.name in self.errors for field in self.hidden_fields()):
            raise forms.ValidationError(INCOMPLETE, code="incomplete")
        return super().clean() or self.cleaned_data

    def update_version(self, **shown: int | str | None) -> None:
        """Let the next save of this form name what the page shows now, with all that was typed kept."""
        sent = self.data.dict() if isinstance(self.data, QueryDict) else self.data
        self.data = {**sent, **{self.add_prefix(name): value for name, value in shown.items()}}
