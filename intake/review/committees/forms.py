"""Form that declares a conflict of interest."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from intake.review.pages.forms import VersionedForm


class ConflictForm(VersionedForm):
    """A conflict of interest: the optional link with the candidate and, for staff, the reviewer concerned."""

    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    """Result of `conflict_events` when the page was displayed."""

    reason = forms.CharField(
        label=_("Lien avec la personne (facultatif)"),
        help_text=_("Par exemple : ancien élève, parente, collègue. Seul le personnel lit ce texte."),
        max_length=250,
        required=False,
        error_messages={"max_length": _("Le lien dépasse 250 caractères.")},
    )

    def __init__(self, *args: Any, people: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if people:
            self.fields["reviewer"] = forms.TypedChoiceField(
                label=_("Personne en conflit d’intérêts"),
                choices=people,
                coerce=int,
                widget=forms.RadioSelect,
                error_messages={
                    "required": _("Choisissez la personne en conflit d’intérêts."),
                    "invalid_choice": _("Choisissez un membre du comité."),
                },
            )
