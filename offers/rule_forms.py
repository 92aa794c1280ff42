"""One form for each kind of criterion, and the complete list as a page posts it. They validate and never save."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from eligibility import LegalStatus
from offers.criterion_labels import (
    DEFAULT_CRITERIA,
    EFFECTS,
    KINDS,
    LANGUAGES,
    MAY_REPEAT,
    PARAMETERS,
    PROVINCES,
    REFERENCE_DAYS,
    capitalize_first,
    criterion_name,
    default_criterion,
    language_name,
    province_name,
    status_name,
)

MAX_MONTHS: Final = 1200  # a century; a longer duration is a typing error
MAX_AGE: Final = 150  # years
MAX_CRITERIA: Final = 40
PLACE: Final = "place"
"""The field that the page repeats for each criterion, in order. Its value has the key and the kind."""
_PLACED = re.compile(r"(\d{1,4}):([A-Z_]+)", re.ASCII)


def _months() -> forms.IntegerField:
    return forms.IntegerField(help_text=_("mois"), min_value=0, max_value=MAX_MONTHS)


def _years() -> forms.IntegerField:
    return forms.IntegerField(help_text=_("ans"), min_value=0, max_value=MAX_AGE)


class _SeveralField(forms.MultipleChoiceField):
    """At least one of a list. A code that an offer already has stays a choice, even if it is not listed."""

    widget = forms.CheckboxSelectMultiple


def _several(error: StrOrPromise) -> _SeveralField:
    return _SeveralField(error_messages={"required": error})


class CriterionForm(forms.Form):
    """The fields of every criterion, its effect and its clause: all those of a kind without parameters."""

    effect = forms.ChoiceField(choices=list(EFFECTS.items()), widget=forms.RadioSelect)
    reference = forms.CharField(
        required=False,
        max_length=120,
        help_text=_("Par exemple : Admissibilité, 2."),
    )
    text = forms.CharField(
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Mot pour mot : la personne candidate lit cette phrase avec le résultat."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = PARAMETERS[name]
            if isinstance(field, _SeveralField):
                listed = _LISTED[name]
                others = () if listed.closed else self._codes(name)
                codes = dict.fromkeys((*listed.codes, *others))
                field.choices = [(code, capitalize_first(listed.label_of(code))) for code in codes]

    def _codes(self, name: str) -> list[str]:
        """Return the codes that the criterion has or that were posted, in order."""
        sent = self.data.getlist(self.add_prefix(name)) if isinstance(self.data, QueryDict) else []
        return [code for code in (*(self.initial.get(name) or ()), *sent) if code.strip()]

    @property
    def parameters(self) -> list[forms.BoundField]:
        """The fields of this kind only, in order."""
        return [self[name] for name in self.fields if name not in CriterionForm.base_fields]

    @property
    def judged(self) -> list[forms.BoundField]:
        """All fields, in the order of an error summary."""
        return [*self.parameters, *(self[name] for name in CriterionForm.base_fields)]

    def criterion(self, kind: str) -> dict[str, Any]:
        """Return the criterion (JSON of `docs/contracts.md`) of a valid form."""
        given = self.cleaned_data
        own = {name: given[name] for name in self.fields if name not in CriterionForm.base_fields}
        clause = {name: given[name].strip() for name in ("reference", "text") if given[name].strip()}
        return {"kind": kind, "effect": given["effect"], **own, "clause": clause}


class StudiesForm(CriterionForm):
    """Graduate studies in progress or recently completed, and the other branches that the offer accepts."""

    degree_window_months = _months()
    finishing_within_months = _months()
    bar_school = forms.BooleanField(required=False)
    professional_order_stage = forms.BooleanField(required=False)


class AgeForm(CriterionForm):
    """Completed years on a reference day."""

    minimum = _years()
    maximum = _years()
    on = forms.ChoiceField(choices=list(REFERENCE_DAYS.items()))

    def clean(self) -> dict[str, Any]:
        """Add an error if the maximum is below the minimum."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        least, most = given.get("minimum"), given.get("maximum")
        if least is not None and most is not None and most < least:
            self.add_error("maximum", _("L’âge maximal est plus petit que l’âge minimal."))
        return given


class LegalStatusForm(CriterionForm):
    """The statuses that the offer accepts."""

    accepted = _several(_("Choisissez au moins un statut : sans lui, personne n’est admissible."))


class DomicileForm(CriterionForm):
    """The provinces and territories that the offer accepts."""

    provinces = _several(_("Choisissez au moins un lieu : sans lui, personne n’est admissible."))


class ResidenceForm(CriterionForm):
    """Minimum time of residence in Québec on a reference day."""

    months = _months()
    on = forms.ChoiceField(choices=list(REFERENCE_DAYS.items()))


class WritingForm(CriterionForm):
    """The languages in which the person must attest excellent writing."""

    languages = _several(_("Choisissez au moins une langue, ou retirez ce critère."))


class OtherForm(CriterionForm):
    """A sentence of the offer that only a person can assess. The sentence is required."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].required = True
        self.fields["text"].error_messages["required"] = _(
            "Inscrivez la phrase de l’offre qu’une personne examinera."
        )


class _Listed(NamedTuple):
    codes: Sequence[str]
    label_of: Callable[[str], str]
    closed: bool = False
    """True if the rules accept no other code."""


_LISTED: Final[Mapping[str, _Listed]] = {
    "accepted": _Listed([status.value for status in LegalStatus], status_name, closed=True),
    "provinces": _Listed(PROVINCES, province_name),
    "languages": _Listed(LANGUAGES, language_name),
}
_FORMS: Final[Mapping[str, type[CriterionForm]]] = dict.fromkeys(KINDS, CriterionForm) | {
    "STUDIES": StudiesForm,
    "AGE": AgeForm,
    "LEGAL_STATUS": LegalStatusForm,
    "DOMICILE": DomicileForm,
    "RESIDENCE": ResidenceForm,
    "WRITING": WritingForm,
    "OTHER": OtherForm,
}


class ReasonForm(forms.Form):
    """The reason why published criteria are replaced."""

    reason = forms.CharField(
        label=_("Motif"),
        max_length=250,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Les personnes candidates lisent ce motif. 250 caractères au plus."),
        error_messages={"required": _("Expliquez pourquoi les critères changent.")},
    )


@dataclass(frozen=True, slots=True)
class CriterionCard:
    """One criterion on the page: the key in the names of its fields, its kind, and its form."""

    key: int
    kind: str
    form: CriterionForm

    def stated(self) -> dict[str, Any] | None:
        """Return the criterion of the form (JSON of `docs/contracts.md`), stored or typed; None if it is invalid.

        An unbound form is validated with its initial values, without errors on the page.
        """
        form = self.form
        if not form.is_bound:
            form = type(form)(_post_values(form), prefix=form.prefix)
        return form.criterion(self.kind) if form.is_valid() else None

    @property
    def placed(self) -> str:
        """The value of `PLACE` for this criterion."""
        return f"{self.key}:{self.kind}"


class FormError(NamedTuple):
    """One error: a sentence, and the id of the element concerned."""

    text: str
    anchor: str


class RulesForm:
    """The criteria of an offer as a page shows and posts them: one form per criterion, in order."""

    def __init__(self, cards: Sequence[CriterionCard], *, bound: bool) -> None:
        self.cards = list(cards)
        self.bound = bound

    # -- Creation --------------------------------------------------------------------------------------------
    @classmethod
    def of(cls, criteria: Iterable[Mapping[str, Any]]) -> "RulesForm":
        """Return the unbound forms of these criteria (JSON of `docs/contracts.md`)."""
        return cls([_card(key, criterion) for key, criterion in enumerate(criteria, start=1)], bound=False)

    @classmethod
    def sent(cls, data: QueryDict) -> "RulesForm":
        """Return the bound forms of a posted page, without unknown kinds and repeated criteria (only OTHER repeats)."""
        cards = [
            CriterionCard(key, kind, _FORMS[kind](data, prefix=_prefix(key)))
            for key, kind in _posted_cards(data.getlist(PLACE))
        ]
        return cls(cards, bound=True)

    def as_typed(self) -> "RulesForm":
        """Return the typed values as unbound forms, without errors: the user is still writing."""
        cards = [
            replace(card, form=type(card.form)(initial=_raw_values(card.form), prefix=card.form.prefix))
            for card in self.cards
        ]
        return RulesForm(cards, bound=False)

    # -- Use ----------------------------------------------------------------------------------------------------
    def is_valid(self) -> bool:
        """True if all criteria can be saved; else the fields have the errors."""
        return not self.faults

    @property
    def faults(self) -> list[FormError]:
        """The errors of bound forms, in the order of the page; empty for unbound forms."""
        if not self.bound:
            return []
        if not self.cards:
            return [FormError(str(_("Ajoutez au moins un critère.")), "kind")]
        return [
            FormError(f"{criterion_name(card.kind)} — {bound.label}\u00a0: {error}", _anchor(bound))
            for card in self.cards
            for bound in card.form.judged
            for error in bound.errors
        ]

    def criteria(self) -> list[dict[str, Any]]:
        """Return the criteria (JSON of `docs/contracts.md`) of a valid page, in order."""
        return [card.form.criterion(card.kind) for card in self.cards]

    def add(self, kind: str) -> CriterionCard | None:
        """Append a criterion of `kind` with its default parameters; None if it may not be added."""
        if kind not in self.addable_kinds:
            return None
        card = _card(max((each.key for each in self.cards), default=0) + 1, default_criterion(kind))
        self.cards.append(card)
        return card

    def add_defaults(self) -> None:
        """Append each default criterion that is missing."""
        for kind in DEFAULT_CRITERIA:
            self.add(kind)

    def remove(self, key: int) -> None:
        """Remove a criterion."""
        self.cards = [card for card in self.cards if card.key != key]

    def move(self, key: int, by: int) -> None:
        """Move a criterion by `by` places, limited to the ends of the list."""
        place = next((index for index, card in enumerate(self.cards) if card.key == key), None)
        if place is not None:
            card = self.cards.pop(place)
            self.cards.insert(max(0, place + by), card)

    @property
    def addable_kinds(self) -> list[str]:
        """The kinds that may be added once more."""
        if len(self.cards) >= MAX_CRITERIA:
            return []
        there = {card.kind for card in self.cards}
        return [kind for kind in KINDS if kind == MAY_REPEAT or kind not in there]


def _anchor(bound: forms.BoundField) -> str:
    return f"{bound.auto_id}_groupe" if bound.use_fieldset else str(bound.id_for_label)


def _prefix(key: int) -> str:
    return f"critere-{key}"


def _card(key: int, criterion: Mapping[str, Any]) -> CriterionCard:
    kind, initial = criterion["kind"], {**criterion, **criterion.get("clause", {})}
    return CriterionCard(key, kind, _FORMS[kind](initial=initial, prefix=_prefix(key)))


def _posted_cards(sent: Iterable[str]) -> Iterator[tuple[int, str]]:
    seen: set[object] = set()
    for place in list(sent)[:MAX_CRITERIA]:
        match = _PLACED.fullmatch(place)
        if match is None or match[2] not in _FORMS:
            continue
        key, kind = int(match[1]), match[2]
        once: object = key if kind == MAY_REPEAT else kind
        if key not in seen and once not in seen:
            seen |= {key, once}
            yield key, kind


def _post_values(form: CriterionForm) -> QueryDict:
    """Return what a browser would post for a form with its initial values."""
    sent = QueryDict(mutable=True)
    for bound in form.judged:
        value = bound.value()
        if isinstance(value, list | tuple):
            sent.setlist(bound.html_name, [str(each) for each in value])
        elif value is not None and value is not False:
            sent[bound.html_name] = str(value)  # a checkbox accepts "True" as well as "on"
    return sent


def _raw_values(form: CriterionForm) -> dict[str, Any]:
    return {
        name: field.widget.value_from_datadict(form.data, form.files, form.add_prefix(name))
        for name, field in form.fields.items()
    }
