"""Forms to prepare and approve decisions and to order a reserve list. Forms validate and never save."""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from intake.base.numbers import posted_number
from intake.profiles.fields import TidyParagraphsField, TidyTextField
from intake.review.pages.forms import VersionedForm
from intake.submissions.models import Submission
from intake.submissions.states import Action
from intake.web.formats import QUEBEC

WORD_MAX: Final = 2000
_TITLE_MAX: Final = 120
_REASON_MAX: Final = 500
_MORNING: Final = "09:00"
_CHOSEN_PREFIX, _MESSAGE_PREFIX, _VERSION_PREFIX = "choix-", "mot-", "vu-"
_WHY: Final = _(
    "Le motif, en mots simples : la personne candidate le lira. Obligatoire, ici ou pour chaque personne."
)
_REQUIRED_TEXT_HINTS: Final = {
    Action.INVITE: _(
        "Lieu, date et heure de l’entrevue, comment s’y rendre, date limite pour répondre. "
        "Obligatoire, ici ou pour chaque personne."
    ),
    Action.FIND_INADMISSIBLE: _WHY,
    Action.TAKE_BACK: _WHY,
}
"""Help text for each action in `letters.NEEDS_TEXT`: what its message must contain."""
_OPTIONAL: Final = _("Facultatif. Ajouté au message habituel, que vous lirez en entier à l’étape suivante.")


class BatchForm(VersionedForm):
    """A batch: title and text for everyone; for each submission a checkbox, a text and the displayed version.

    Plain form fields, so that the page can show `rows` (the submissions that it lists) as a table.
    """

    title = TidyTextField(
        label=_("Titre du lot"),
        help_text=_("Pour vous et vos collègues ; les personnes candidates ne le lisent pas."),
        max_length=_TITLE_MAX,
        error_messages={"required": _("Inscrivez un titre : il sert à retrouver ce lot.")},
    )
    word = TidyParagraphsField(label=_("Message commun"), max_length=WORD_MAX, required=False)
    reason = TidyTextField(
        label=_("Motif, pour l’équipe"),
        help_text=_(
            "Obligatoire si l’offre est encore ouverte, ou si une de ces personnes n’a aucune note. Gardé avec "
            "le lot et au journal : ne nommez personne."
        ),
        max_length=_REASON_MAX,
        required=False,
    )
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args: Any, action: Action, rows: Iterable[Submission], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = list(rows)
        if action is not Action.DECLINE:
            del self.fields["reason"]
        self.fields["word"].help_text = _REQUIRED_TEXT_HINTS.get(action, _OPTIONAL)
        for row in self.rows:
            self.fields[f"{_CHOSEN_PREFIX}{row.pk}"] = forms.BooleanField(required=False)
            self.fields[f"{_MESSAGE_PREFIX}{row.pk}"] = TidyParagraphsField(
                label=_("Message pour cette personne"), max_length=WORD_MAX, required=False
            )
            self.fields[f"{_MESSAGE_PREFIX}{row.pk}"].widget.attrs["rows"] = "3"
            # Not required: a submission that is listed since the page was shown has no version in the post, and is not
            # ticked.
            self.fields[f"{_VERSION_PREFIX}{row.pk}"] = forms.IntegerField(
                min_value=0, initial=row.version, widget=forms.HiddenInput, required=False
            )

    def clean(self) -> dict[str, Any]:
        """Raise if a ticked submission was listed when the page was shown and is no longer."""
        cleaned = super().clean()
        gone = [name for name in self.data if name.startswith(_CHOSEN_PREFIX) and name not in self.fields]
        if gone:
            raise forms.ValidationError(
                _(
                    "L’état de certaines candidatures cochées a changé, ou elles sont dans un autre "
                    "lot. Relisez la liste à jour, puis recommencez."
                ),
                code="gone",
            )
        return cleaned

    def chosen(self) -> dict[int, str]:
        """Return the text of each chosen submission, by primary key. The form must be valid."""
        return {
            row.pk: self.cleaned_data[f"{_MESSAGE_PREFIX}{row.pk}"]
            for row in self.rows
            if self.cleaned_data[f"{_CHOSEN_PREFIX}{row.pk}"]
        }

    def versions(self) -> dict[int, int]:
        """Return the displayed version of each chosen submission, by primary key; -1 for one without a version."""
        displayed = {number: self.cleaned_data[f"{_VERSION_PREFIX}{number}"] for number in self.chosen()}
        return {number: -1 if version is None else version for number, version in displayed.items()}

    def show_versions(self) -> None:
        """Set the versions that the page shows when it comes back, except for submissions that are still ticked.

        The user ticked these as an earlier page showed them: if one changed since, the next save reports it.
        """
        ticked = set(self.ticked(self.data))
        self.update_version(
            **{f"{_VERSION_PREFIX}{row.pk}": row.version for row in self.rows if row.pk not in ticked}
        )

    def untick(self, numbers: Iterable[int]) -> None:
        """Untick these submissions on the page that comes back; keep their texts."""
        names = {f"{_CHOSEN_PREFIX}{number}" for number in numbers}
        self.data = {name: value for name, value in self.data.items() if name not in names}

    def lines(self) -> list[tuple[Submission, forms.BoundField, forms.BoundField, forms.BoundField]]:
        """Return each submission with its checkbox, text and version fields."""
        return [
            (
                row,
                self[f"{_CHOSEN_PREFIX}{row.pk}"],
                self[f"{_MESSAGE_PREFIX}{row.pk}"],
                self[f"{_VERSION_PREFIX}{row.pk}"],
            )
            for row in self.rows
        ]

    def with_boxes(self, *, ticked: bool) -> dict[str, Any]:
        """Return what was typed in this posted form as initial data of another one, with all boxes ticked or none."""
        names = [name for name in self.fields if not name.startswith(_CHOSEN_PREFIX)]
        boxes = {f"{_CHOSEN_PREFIX}{row.pk}": ticked for row in self.rows}
        return {name: self.data[name] for name in names if name in self.data} | boxes

    @staticmethod
    def ticked(data: Mapping[str, Any]) -> list[int]:
        """Return the primary keys of the submissions ticked in the post, before validation."""
        numbers = (name.removeprefix(_CHOSEN_PREFIX) for name in data if name.startswith(_CHOSEN_PREFIX))
        return [number for number in map(posted_number, numbers) if number is not None]

    @staticmethod
    def initially(chosen: Mapping[int, str], *, but: Collection[int] = ()) -> dict[str, Any]:
        """Return initial data that ticks the submissions of `chosen` except those of `but`, with the texts of all."""
        ticked = {f"{_CHOSEN_PREFIX}{number}": True for number in chosen if number not in but}
        return ticked | {f"{_MESSAGE_PREFIX}{number}": word for number, word in chosen.items()}


class ReleaseForm(VersionedForm):
    """Approval of a batch: now, or on a day and at an hour in Québec's time, with the versions that were read."""

    NOW, LATER = "maintenant", "plus-tard"

    moment = forms.ChoiceField(
        label=_("Quand envoyer les messages"),
        choices=[
            (LATER, _("À la date et à l’heure indiquées : vous pouvez annuler le lot d’ici là")),
            (NOW, _("Maintenant : nous envoyons les messages en quelques secondes")),
        ],
        initial=LATER,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choisissez quand envoyer les messages.")},
    )
    day = forms.DateField(
        label=_("Jour"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        error_messages={"invalid": _("Inscrivez la date ainsi : 2027-05-31.")},
    )
    hour = forms.TimeField(
        label=_("Heure"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        input_formats=["%H:%M", "%H h %M", "%H h"],
        error_messages={"invalid": _("Inscrivez l’heure ainsi : 09:00.")},
    )
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    letters = forms.CharField(max_length=64, widget=forms.HiddenInput)
    """Digest of the messages that were read: `letters.letters_digest`."""

    @staticmethod
    def proposed(at: datetime) -> dict[str, Any]:
        """Return the day and hour that the page proposes at `at`: the next morning, in Québec."""
        return {"day": at.astimezone(QUEBEC).date() + timedelta(days=1), "hour": _MORNING}

    def clean(self) -> dict[str, Any]:
        """Require day and hour for a later release, and a local time that exists."""
        cleaned = super().clean()
        if cleaned.get("moment") != self.LATER:
            return cleaned
        for name, message in (("day", _("Choisissez le jour.")), ("hour", _("Choisissez l’heure."))):
            if not cleaned.get(name) and name not in self.errors:
                self.add_error(name, message)
        if cleaned.get("day") and cleaned.get("hour"):
            local = self._local()
            if local.astimezone(UTC).astimezone(QUEBEC).replace(tzinfo=None) != local.replace(tzinfo=None):
                self.add_error(
                    "hour", _("Cette heure n’existe pas ce jour-là : l’heure avance au printemps.")
                )
        return cleaned

    def release_at(self) -> datetime | None:
        """Return the chosen instant; None for now. The form must be valid."""
        return self._local() if self.cleaned_data["moment"] == self.LATER else None

    def _local(self) -> datetime:
        return datetime.combine(self.cleaned_data["day"], self.cleaned_data["hour"], tzinfo=QUEBEC)


class ReserveMoveForm(forms.Form):
    """Move of one reserve list line: which line, in which direction, and the place that the page displayed."""

    line = forms.IntegerField(min_value=1)
    seen = forms.IntegerField(min_value=1)
    way = forms.ChoiceField(choices=[("up", ""), ("down", "")])
