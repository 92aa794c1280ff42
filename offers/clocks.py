"""What `countdown.js` follows on the public pages of offers, where the deadline lives while the page is open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from .listing import offer_status
from .models import Offer
from .models.offer import OfferPhase


@dataclass(frozen=True, slots=True)
class OfferClock:
    """State of the offers on a page at one instant, as the page and the answer of its clock write it."""

    now: str
    until: str
    """Next opening or closing; the last closing if none is left."""
    is_open: bool
    """True if one of the offers is open."""
    is_live: bool
    """True if one of the offers is open or will be."""
    state: str
    """Differs if an offer opened, closed, was extended or was cancelled."""

    def answer(self, html: str) -> dict[str, object]:
        """Return the answer to an open page, with the parts of the page that depend on the instant."""
        return {
            "now": self.now,
            "closes_at": self.until,
            "open": self.is_open,
            "filed": False,
            "ready": False,
            "state": self.state,
            "html": html,
        }


def clock_of(offers: Sequence[Offer], at: datetime) -> OfferClock:
    """Return the clock of `offers`, at least one, at `at` (aware)."""
    phases = [offer_status(offer, at).phase for offer in offers]
    turns = [offer.opens_at if offer.opens_at > at else offer.closes_at for offer in offers]
    is_open = any(phase.is_open for phase in phases)
    return OfferClock(
        now=_written(at),
        until=_written(min((turn for turn in turns if turn > at), default=max(turns))),
        is_open=is_open,
        is_live=is_open or OfferPhase.UPCOMING in phases,
        state=" ".join(
            f"{offer.number}={phase}={_written(offer.closes_at)}"
            for offer, phase in sorted(zip(offers, phases, strict=True), key=lambda row: row[0].number or "")
        ),
    )


def _written(at: datetime) -> str:
    """Write an instant as the filter `precise` of the pages does."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
