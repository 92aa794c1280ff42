"""Page that shows each component of the pages in its states, for those who change them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from .crispy import fields_only

_AT = datetime(2027, 3, 1, 12, tzinfo=ZoneInfo("America/Toronto"))
_CHOICES = [("1", gettext_lazy("Oui")), ("0", gettext_lazy("Non"))]
COLOURS = [
    *("text", "quiet", "link", "button", "control", "line", "surface", "pale"),
    *("error-text", "success-text", "warning-text", "info-text"),
]
"""Variables of `theme.css`, without their prefix."""
LEVELS = ["info", "success", "warning", "error"]
STATES = [
    ("draft", gettext_lazy("Brouillon")),
    ("error", gettext_lazy("Refusé")),
    ("success", gettext_lazy("Complète")),
    ("warning", gettext_lazy("En cours")),
    ("info", gettext_lazy("À examiner")),
    ("none", gettext_lazy("À faire")),
]
"""Tones of `components/state_badge.html`, each with a label that has it on a page."""


@dataclass(frozen=True, slots=True)
class _Message:
    """A message as Django gives it to templates."""

    level_tag: str
    text: str

    def __str__(self) -> str:
        return self.text


class SampleForm(forms.Form):
    """A field of each kind that the portal's forms have."""

    focuses_error = True  # nothing on this page takes the focus

    name = forms.CharField(
        label=gettext_lazy("Nom"),
        help_text=gettext_lazy("Par exemple : droit, science politique, informatique."),
    )
    email = forms.EmailField(label=gettext_lazy("Courriel"), required=False)
    state = forms.ChoiceField(label=gettext_lazy("État"), choices=[("", "—"), *_CHOICES])
    known = forms.ChoiceField(label=gettext_lazy("Documents"), choices=_CHOICES, widget=forms.RadioSelect)
    text = forms.CharField(
        label=gettext_lazy("Motif"), widget=forms.Textarea({"rows": 3, "maxlength": 300, "data-counter": ""})
    )
    read = forms.BooleanField(label=gettext_lazy("Avis de collecte de renseignements"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = fields_only(self)


@require_safe
def components(request: HttpRequest) -> HttpResponse:
    """GET: every component in each of its states, in the reader's theme and language.

    :raises Http404: unless the user is staff.
    """
    user = request.user
    if not (user.is_active and getattr(user, "is_staff", False)):
        raise Http404
    context = {
        "at": _AT,
        "instants": [_AT + timedelta(days=30), _AT + timedelta(hours=20), _AT + timedelta(minutes=40)],
        "colours": COLOURS,
        "levels": LEVELS,
        "bands": ["draft", "amend", "filed", "info"],
        "outcomes": ["MET", "NOT_MET", "UNKNOWN", "HUMAN"],
        "states": STATES,
        "samples": [_Message(level, _("Enregistrer")) for level in LEVELS],
        "blank": SampleForm(prefix="blank"),
        "refused": SampleForm({}, prefix="refused"),
        "page_obj": Paginator(range(400), 10).page(7),
        "rows": [
            {"label": _("Nom"), "value": "Marie-Ève Côté", "url": "#contenu"},
            {"label": _("Courriel"), "value": "", "missing": True, "url": "#contenu"},
            {"label": _("Documents"), "value": "3"},
        ],
    }
    return render(request, "web/components.html", context)
