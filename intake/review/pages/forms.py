"""What reviewers and staff fill in. Forms validate and never save."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.text import capfirst, format_lazy
from django.utils.translation import gettext_lazy as _

from intake.profiles.fields import TidyParagraphsField, TidyTextField
from intake.review.marks.operations import Given, LineGiven
from intake.review.models import LIST_REASON_MAX, WEIGHT_MAX, Claim, LineMark, Mark
from intake.submissions.models import Ruling
from offers.models import GridLine

NOTE_MAX = 5000
REASON_MAX = 2000
INCOMPLETE = _("Cette page est revenue incomplète : rien n’a été enregistré. Rechargez-la, puis recommencez.")


class ShownForm(forms.Form):
    """A form that sends back what the page showed, in fields nobody sees: what is wrong with them is said aloud."""

    held: Claim | None = None
    """Why it comes back, if that is because another person has the file in hand."""

    def clean(self) -> dict[str, Any]:
        """Refuse a page that came back without what it showed."""
        if any(field.name in self.errors for field in self.hidden_fields()):
            raise forms.ValidationError(INCOMPLETE, code="incomplete")
        return super().clean() or self.cleaned_data

    def show_again(self, **shown: int | str | None) -> None:
        """Let the next save of this form name what the page shows now, with all that was typed kept."""
        sent = self.data.dict() if isinstance(self.data, QueryDict) else self.data
        self.data = {**sent, **{self.add_prefix(name): value for name, value in shown.items()}}


class MarkField(forms.TypedChoiceField):
    """A mark from 0 to 5, each with its word, or none yet."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Votre note"),
            choices=[
                ("", _("Pas de note")),
                *((str(value), format_lazy("{} — {}", value, label)) for value, label in Mark.choices),
            ],
            coerce=int,
            empty_value=None,
            required=False,
            widget=forms.RadioSelect,
            error_messages={"invalid_choice": _("Choisissez une note de 0 à 5.")},
        )


class RemarkField(forms.CharField):
    """A few words about one line."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Remarque (facultatif)"),
            max_length=LineMark._meta.get_field("remark").max_length,
            required=False,
            error_messages={"max_length": _("La remarque dépasse 500 caractères.")},
        )


class AssessmentForm(ShownForm):
    """A mark and a remark for each line of the offer's grid, or one mark where it has none, and a note.

    With what the page showed when it was filled. Nothing is required: whether it may be submitted is the service's.
    """

    mark = MarkField()
    note = forms.CharField(
        label=_("Commentaire"),
        help_text=_(
            "Lu de vous seul tant que c’est un brouillon ; ensuite, du personnel et des membres du comité qui ont "
            "remis leur appréciation. Pas de renseignement qui n’est pas au dossier."
        ),
        max_length=NOTE_MAX,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"max_length": _("Le commentaire dépasse 5 000 caractères.")},
    )
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    filing = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, lines: Sequence[GridLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.line_numbers = [line.pk for line in lines]
        if lines:
            del self.fields["mark"]
        for number in self.line_numbers:
            self.fields[f"line_{number}"] = MarkField()
            self.fields[f"remark_{number}"] = RemarkField()

    def given(self) -> Given:
        """Return what was given, once the form is valid."""
        return Given(
            mark=self.cleaned_data.get("mark"),
            lines={
                number: LineGiven(self.cleaned_data[f"line_{number}"], self.cleaned_data[f"remark_{number}"])
                for number in self.line_numbers
            },
            note=self.cleaned_data["note"],
        )

    def say_missing(self, lines: Iterable[int]) -> None:
        """Say what has no mark yet: the lines, or the one mark where there are none."""
        for name in [f"line_{number}" for number in lines] or ["mark"]:
            self.add_error(name, _("Choisissez une note : il en faut une pour remettre votre appréciation."))


class WeightsForm(forms.Form):
    """What each line of an offer's grid weighs in the score."""

    def __init__(self, *args: Any, lines: Sequence[GridLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.line_numbers = [line.pk for line in lines]
        for line in lines:
            self.fields[f"weight_{line.pk}"] = forms.IntegerField(
                label=capfirst(line.text),
                help_text=line.get_requirement_display(),
                min_value=0,
                max_value=WEIGHT_MAX,
                error_messages=dict.fromkeys(
                    ("required", "invalid", "min_value", "max_value"),
                    _("Inscrivez un nombre entier de 0 à 10."),
                ),
            )

    def weights(self) -> dict[int, int]:
        """Return the weights by line, once the form is valid."""
        return {number: self.cleaned_data[f"weight_{number}"] for number in self.line_numbers}


class ConflictForm(ShownForm):
    """A conflict of interest: what binds the two, if the person cares to say, and whose it is, for staff."""

    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    """What `selectors.conflict_events` answered when the page was shown."""

    reason = forms.CharField(
        label=_("Lien avec la personne (facultatif)"),
        help_text=_("Par exemple : ancien élève, parente, collègue. Lu par le personnel seulement."),
        max_length=250,
        required=False,
        error_messages={"max_length": _("Le lien dépasse 250 caractères.")},
    )

    def __init__(self, *args: Any, people: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if people:
            self.fields["reviewer"] = forms.TypedChoiceField(
                label=_("Qui est en conflit d’intérêts"),
                choices=people,
                coerce=int,
                widget=forms.RadioSelect,
                error_messages={
                    "required": _("Choisissez qui est en conflit d’intérêts."),
                    "invalid_choice": _("Choisissez une personne du comité."),
                },
            )


class MoveForm(ShownForm):
    """The confirmation of a move, with the version that was seen and, where it is required, the reason.

    `despite` is the decision that the page said will then not be announced, if one waits.
    """

    reason = forms.CharField(
        label=_("Motif"),
        help_text=_("En une ou deux phrases ; il reste dans l’historique de la candidature."),
        max_length=REASON_MAX,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={
            "required": _("Inscrivez le motif : cette décision en demande un."),
            "max_length": _("Le motif dépasse 2 000 caractères."),
        },
    )
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    despite = forms.IntegerField(min_value=1, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, reason_required: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if reason_required:
            self.fields["reason"].required = True
        else:
            del self.fields["reason"]


class RulingForm(ShownForm):
    """A judgement on one finding that the rules refuse, with the filing and the rulings that were read."""

    decision = forms.ChoiceField(
        label=_("Votre jugement"),
        choices=[
            (Ruling.Decision.CONFIRMED, _("Confirmer : la personne ne répond pas à ce critère")),
            (Ruling.Decision.OVERTURNED, _("Écarter : ce critère ne fait pas obstacle à la candidature")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choisissez : confirmer ce refus, ou l’écarter.")},
    )
    reason = TidyParagraphsField(
        label=_("Motif"),
        help_text=_(
            "La personne candidate lira ce motif tel que vous l’écrivez, par courriel et sur la page de sa "
            "candidature. 2 000 caractères au plus."
        ),
        max_length=REASON_MAX,
        error_messages={"required": _("Inscrivez le motif : la personne candidate doit pouvoir le lire.")},
    )
    filing = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    """How many rulings on the finding the page showed."""


class FreezeForm(ShownForm):
    """Why a shortlist is frozen, and which list was read."""

    reason = TidyTextField(
        label=_("Motif"),
        help_text=_("Pourquoi la liste est figée maintenant ; il reste avec elle. 250 caractères au plus."),
        max_length=LIST_REASON_MAX,
        error_messages={"required": _("Inscrivez le motif : une liste figée dit pourquoi.")},
    )
    seen = forms.CharField(max_length=71, widget=forms.HiddenInput)
    """The fingerprint of the list that the page showed."""


FORMAT_LABELS = (
    ("xlsx", _("Classeur Excel (XLSX)")),
    ("pdf", _("Tableau (PDF)")),
    ("csv", _("Données (CSV)")),
    ("zip", _("Dossiers PDF (ZIP)")),
)


class ExportForm(forms.Form):
    """In which form a list leaves the house, and why."""

    reason = TidyTextField(
        label=_("Motif"),
        help_text=_("À qui va ce fichier, et pourquoi ; il reste au registre. 250 caractères au plus."),
        max_length=LIST_REASON_MAX,
        error_messages={"required": _("Inscrivez le motif : chaque fichier qui sort en a un.")},
    )
    language = forms.ChoiceField(
        label=_("Langue des en-têtes"),
        choices=[("fr", _("Français")), ("en", _("Anglais"))],
        initial="fr",
        widget=forms.RadioSelect,
        error_messages={"required": _("Choisissez la langue des en-têtes.")},
    )
    key = forms.UUIDField(required=False, widget=forms.HiddenInput)
    """Of the page: asked twice for the same file, it is one."""
    file_format = forms.ChoiceField(
        choices=FORMAT_LABELS,
        error_messages={"required": _("Choisissez le format par son bouton.")},
    )
