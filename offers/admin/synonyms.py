"""Synonyms of the search of offers in the administration: one page per group, one term per line."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils.translation import gettext_lazy as _

from intake.base.change_lists import PortalAdmin
from intake.base.folding import fold
from offers.models import SynonymGroup
from offers.models.synonyms import MAX_TERM_LENGTH, MAX_TERMS, MIN_TERMS


class _TermsField(forms.Field):
    """A text area with one term per line; blank lines are ignored."""

    widget = forms.Textarea(attrs={"rows": 6, "cols": 70})

    def to_python(self, value: str | None) -> list[str]:
        """Return the terms, with single spaces."""
        # PostgreSQL rejects NUL in a text; no keyboard types it.
        lines = (value or "").replace("\0", "").splitlines()
        return [term for line in lines if (term := " ".join(line.split()))]

    def prepare_value(self, value: Any) -> Any:
        """Return the stored terms as text."""
        return "\n".join(value) if isinstance(value, list) else value


class SynonymGroupForm(forms.ModelForm[SynonymGroup]):
    """The terms of a group: at least two, each in no other group."""

    class Meta:
        model = SynonymGroup
        fields = ("terms",)

    terms = _TermsField(
        label=_("Termes"),
        help_text=_(
            "Un terme par ligne, en français ou en anglais : un mot, un sigle ou une expression complète. "
            "La recherche ne tient pas compte des accents ni des majuscules."
        ),
    )

    def clean_terms(self) -> list[str]:
        """Return the terms.

        :raises ValidationError: if there are too few or too many, or one is too long, empty, repeated, or in another
            group.
        """
        terms: list[str] = self.cleaned_data["terms"]
        seen: set[str] = set()
        for term in terms:
            folded = fold(term)
            if not folded:
                raise _error(_("« %(term)s » ne contient aucun mot."), term)
            if len(term) > MAX_TERM_LENGTH:
                raise _error(_("« %(term)s » dépasse 100 caractères."), term)
            if folded in seen:
                raise _error(_("« %(term)s » est deux fois dans ce groupe."), term)
            seen.add(folded)
        if len(terms) < MIN_TERMS:
            raise ValidationError(_("Inscrivez au moins deux termes, un par ligne."))
        if len(terms) > MAX_TERMS:
            raise ValidationError(_("Un groupe a au plus 20 termes."))
        _lock_groups()
        for other in SynonymGroup.objects.exclude(pk=self.instance.pk).order_by("pk"):
            shared = next((term for term in other.terms if fold(term) in seen), None)
            if shared is not None:
                raise _error(_("« %(term)s » est déjà dans un autre groupe : %(group)s."), shared, other)
        return terms


def _lock_groups() -> None:
    """Wait for another person's save to end: the form reads their terms. The trigger of the table takes this lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('offers_synonymgroup', 0))")


def _error(message: Any, term: str, group: SynonymGroup | None = None) -> ValidationError:
    return ValidationError(message, params={"term": term, "group": group})


@admin.register(SynonymGroup)
class SynonymGroupAdmin(PortalAdmin[SynonymGroup]):
    """Groups of synonyms. The next search uses them."""

    form = SynonymGroupForm
    fieldsets = (
        (
            None,
            {
                "fields": ["terms"],
                "description": _(
                    "Une recherche qui contient un de ces termes trouve aussi les offres qui contiennent les autres."
                ),
            },
        ),
    )
    list_display = ("__str__",)
    ordering = ("terms",)
    actions = None
