"""Changes of an offer that the candidate of a draft has not acknowledged.

A mail announces each change once and may stay unread; the draft's pages show it until the candidate acknowledges it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from intake.submissions.models import Draft
from intake.web import formats
from offers.models import OfferChange
from offers.selectors import candidate_visible_changes

_DESCRIPTIONS: Final[dict[str, Promise]] = {
    OfferChange.Kind.CORRECTED: _("L’offre a été corrigée."),
    OfferChange.Kind.RULES_CHANGED: _("Les critères d’admissibilité de l’offre ont changé."),
    OfferChange.Kind.EXTENDED: _("La date limite est prolongée."),
    OfferChange.Kind.CANCELLED: _("L’offre est annulée."),
}
_SUMMARIES: Final[dict[int, Promise]] = {
    2: _("Deux changements à l’offre."),
    3: _("Trois changements à l’offre."),
    4: _("Quatre changements à l’offre."),
}


@dataclass(frozen=True, slots=True)
class ChangeDisplay:
    """One change, as the draft's pages show it."""

    change: OfferChange
    is_last: bool
    """True for the latest change of its kind: only there, the page shows the current values."""

    @property
    def happened(self) -> Promise:
        """The change, in one sentence."""
        return _DESCRIPTIONS[self.change.kind]


@dataclass(frozen=True, slots=True)
class UnreadChanges:
    """Changes that the candidate has not acknowledged. Never empty."""

    since: datetime
    """Changes up to this instant are acknowledged."""
    told: tuple[ChangeDisplay, ...]
    """Newest first."""

    @property
    def in_words(self) -> str:
        """One short sentence: the change, or the number of changes."""
        count = len(self.told)
        if count == 1:
            return str(self.told[0].happened)
        if count in _SUMMARIES:
            return str(_SUMMARIES[count])
        words = ngettext("%(count)s changement à l’offre.", "%(count)s changements à l’offre.", count)
        return words % {"count": formats.number(count)}

    @property
    def last(self) -> OfferChange:
        """Newest change: its acknowledgement includes the others."""
        return self.told[0].change


def unread_changes_of(draft: Draft) -> UnreadChanges | None:
    """Return the changes that the candidate of `draft` has not acknowledged, or None. One query."""
    changes = list(candidate_visible_changes(draft.submission.offer).filter(at__gt=draft.changes_noted_at))
    if not changes:
        return None
    last = {change.kind: change for change in reversed(changes)}
    told = tuple(ChangeDisplay(change, is_last=last[change.kind] is change) for change in changes)
    return UnreadChanges(since=draft.changes_noted_at, told=told)
