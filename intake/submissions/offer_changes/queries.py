"""What was done to an offer since the person who prepares a candidature there took note of it.

Mail tells it once and may never be read; the draft's own pages tell it until the person says that they know.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from intake.submissions.models import Draft
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
    """One change, as the draft's pages tell it."""

    change: OfferChange
    is_last: bool
    """No later one is of its kind: what holds now is said of this one alone."""

    @property
    def happened(self) -> Promise:
        """What was done, in one sentence."""
        return _DESCRIPTIONS[self.change.kind]


@dataclass(frozen=True, slots=True)
class UnreadChanges:
    """The changes of which a draft's person has not taken note, newest first; never empty."""

    since: datetime
    """The instant until which they know."""
    told: tuple[ChangeDisplay, ...]

    @property
    def in_words(self) -> str:
        """What happened in one short sentence: the change itself, or how many there are."""
        count = len(self.told)
        if count == 1:
            return str(self.told[0].happened)
        if count in _SUMMARIES:
            return str(_SUMMARIES[count])
        words = ngettext("%(count)d changement à l’offre.", "%(count)d changements à l’offre.", count)
        return words % {"count": count}

    @property
    def last(self) -> OfferChange:
        """The newest of the changes: taking note of it is taking note of them all."""
        return self.told[0].change


def unread_changes_of(draft: Draft) -> UnreadChanges | None:
    """Return what is news to the person who prepares `draft`, or None; one query."""
    changes = list(candidate_visible_changes(draft.submission.offer).filter(at__gt=draft.changes_noted_at))
    if not changes:
        return None
    last = {change.kind: change for change in reversed(changes)}
    told = tuple(ChangeDisplay(change, is_last=last[change.kind] is change) for change in changes)
    return UnreadChanges(since=draft.changes_noted_at, told=told)
