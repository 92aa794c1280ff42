"""The keys of the reading page: usual ones, and those that a reader chose instead."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from intake.accounts.models import User
from intake.review.models import ReadingKeys

ACTIONS: Final[Mapping[str, tuple[str, StrOrPromise]]] = {
    "confirm": ("c", _("Confirmer les faits que la page affichée établit")),
    "contradict": ("x", _("Contredire le fait choisi")),
    "page": ("j", _("Page suivante à vérifier")),
    "pageback": ("k", _("Page précédente à vérifier")),
    "pdf": ("d", _("Ouvrir le dossier en PDF")),
    "remark": ("m", _("Écrire une remarque sur la ligne")),
    "later": ("s", _("Mettre de côté, avec un motif")),
    "next": ("n", _("Dossier suivant")),
    "previous": ("p", _("Dossier précédent")),
}
"""The usual key and the words of each action. The digits mark, arrows change lines, and Backspace undoes, always.

Letters only: `[` and `]` need AltGr on a Canadian French keyboard, and other signs move with the layout.
"""


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys in force for one reader."""

    enabled: bool
    keys: Mapping[str, str]
    """The key of each action, by its name."""

    @property
    def rows(self) -> list[tuple[str, StrOrPromise, str]]:
        """Name, words and key of each action, in order."""
        return [(name, words, self.keys[name]) for name, (_usual, words) in ACTIONS.items()]


def keys_of(reader: User) -> Keys:
    """Return the keys of `reader`: the usual ones, but for those that they chose."""
    chosen = ReadingKeys.objects.filter(reader=reader).first()
    usual = {name: key for name, (key, _words) in ACTIONS.items()}
    if chosen is None:
        return Keys(enabled=True, keys=usual)
    return Keys(enabled=chosen.enabled, keys=usual | {k: v for k, v in chosen.keys.items() if k in usual})


class KeysForm(forms.Form):
    """One letter for each action, and whether keys act at all."""

    enabled = forms.BooleanField(label=_("Utiliser les touches sur la page de lecture"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, (_usual, words) in ACTIONS.items():
            self.fields[name] = forms.RegexField(
                r"^[a-z]$",
                label=words,
                error_messages=dict.fromkeys(("required", "invalid"), _("Choisissez une lettre, de a à z.")),
                widget=forms.TextInput(
                    attrs={"size": 2, "maxlength": 1, "autocomplete": "off", "autocapitalize": "none"}
                ),
            )

    def clean(self) -> dict[str, Any]:
        """Raise on each action whose letter an earlier one has."""
        cleaned = super().clean() or self.cleaned_data
        first: dict[str, str] = {}
        for name in ACTIONS:
            letter = cleaned.get(name)
            if letter in first:
                self.add_error(name, _("Cette lettre sert déjà : choisissez-en une autre."))
            elif letter:
                first[letter] = name
        return cleaned


def choose_keys(*, reader: User, enabled: bool, keys: Mapping[str, str]) -> None:
    """Store the letter of each action for `reader`. A usual letter is not stored: it may change for everybody."""
    chosen = {name: key for name, key in keys.items() if key != ACTIONS[name][0]}
    ReadingKeys.objects.update_or_create(reader=reader, defaults={"enabled": enabled, "keys": chosen})
