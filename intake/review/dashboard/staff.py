"""Staff's dashboard: current offers, details of one of them, arrivals that wait, and failed deliveries."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_stubs_ext import StrOrPromise

from intake.accounts.models import User
from intake.outbox.outages import open_outages
from intake.outbox.reports import RECENT_BOUNCE, RECENT_BOUNCES_VALUE
from intake.outbox.selectors import (
    DELAY,
    DELAYED_BY_OUTAGE,
    LATE,
    count_bounces,
    count_delayed_by_outage,
    count_failed,
    count_overdue,
)
from intake.review.access.committee_membership import excluded_from
from intake.review.assignment.queries import DepartedMember
from intake.review.pages.queue_navigation import queue_url
from intake.review.pages.shortcuts import queue_of_offer
from intake.review.queue.filters import NO_REVIEW_PENDING, OVER
from intake.review.queue.stages import DECIDED, FILED
from intake.review.queue.work_filters import DEPARTED
from intake.submissions.filing.arrivals import left_arrivals, measure_waiting
from intake.submissions.models import Submission
from intake.submissions.states import HumanReview, State
from intake.web import formats
from offers.models import Offer
from offers.selectors import by_deadline

from .charts import Chart, arrivals_chart, funnel_chart, progress_chart, reasons_chart
from .figures import Figures, OfferTally, figures_of

ACTIVE_AFTER_CLOSING: Final = timedelta(days=180)
"""Time after its closing during which an offer stays on the dashboard. A choice, without a source."""
MAX_OFFERS: Final = 12
LONG_WAIT: Final = timedelta(minutes=5)
"""Age of an arrival from which staff must act: the longest rush measured took a minute, and one expires after 15."""
_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that links to its list."""

    label: str
    number: int
    url: str
    loud: bool = False
    """True if staff must act."""


@dataclass(frozen=True, slots=True)
class Line:
    """One offer in the list of offers."""

    offer: Offer
    when: str
    """Whether it is open: the time left, or the day on which it closed."""
    choose_url: str
    is_chosen: bool
    figures: tuple[Figure, ...]
    division_url: str


@dataclass(frozen=True, slots=True)
class DepartedMemberRow:
    """A departed member with files to mark: their number, their list, and the page that assigns them to others."""

    words: str
    url: str
    division_url: str


@dataclass(frozen=True, slots=True)
class WaitingArrivals:
    """Arrivals that wait to be filed: their number and the age of the oldest, in words."""

    words: str
    is_long: bool
    """True if staff must act."""


@dataclass(frozen=True, slots=True)
class StaffDashboard:
    """Dashboard of staff. `trouble` are sentences about deliveries, each with its list."""

    arrivals: WaitingArrivals | None

    lines: tuple[Line, ...]
    is_cut: bool
    chosen: Offer | None
    charts: tuple[Chart, ...]
    trouble: tuple[tuple[str, str], ...]
    departed: tuple[DepartedMemberRow, ...]
    figures: Figures


def staff_dashboard(*, user: User, number: str, at: datetime) -> StaffDashboard:
    """Return the dashboard of `user`, a decider, at `at`, with details of the offer with this number.

    That offer is always included, however many close before it. Any other number selects the first offer.
    """
    lately = Offer.objects.filter(
        Q(status=Offer.Status.PUBLISHED), opens_at__lte=at, closes_at__gt=at - ACTIVE_AFTER_CLOSING
    )
    active = list(by_deadline(lately, at)[: MAX_OFFERS + 1])
    offers = active[:MAX_OFFERS]
    requested = lately.filter(number=number).first() if number else None
    if requested is not None and requested not in offers:
        offers = [*offers[: MAX_OFFERS - 1], requested]
    chosen = next((offer for offer in offers if offer.number == number), offers[0] if offers else None)
    figures = figures_of(user=user, offers=offers, chosen=chosen, at=at)
    charts: tuple[Chart, ...] = ()
    if chosen is not None and figures.detail is not None:
        charts = (
            funnel_chart(chosen, figures.tallies[chosen.pk]),
            arrivals_chart(chosen, figures.detail.arrivals),
            progress_chart(chosen, figures.detail),
            reasons_chart(chosen, figures.detail.refusing),
        )
    assigns = user.has_perm("review.assign_submission")
    return StaffDashboard(
        arrivals=_waiting_arrivals(user, at),
        lines=tuple(_line(offer, figures.tallies[offer.pk], chosen, at, assigns=assigns) for offer in offers),
        is_cut=len(active) > MAX_OFFERS,
        chosen=chosen,
        charts=charts,
        trouble=_delivery_warnings(user, at) if user.has_perm("outbox.view_delivery") else (),
        departed=tuple(map(_departed_member_row, figures.departed)) if assigns else (),
        figures=figures,
    )


def _waiting_arrivals(user: User, at: datetime) -> WaitingArrivals | None:
    # Never cached. Without those that `user` may not read once they are filed: a count would reveal one.
    hidden = Submission.objects.filter(excluded_from(user))
    waiting = measure_waiting(left_arrivals(at).exclude(submission__in=hidden))
    if waiting is None:
        return None
    age = at - waiting.oldest
    since = formats.waiting_time(age - age % _MINUTE) if age >= _MINUTE else _("moins d’une minute")
    text = ngettext(
        "%(number)s candidature attend depuis %(since)s.",
        "%(number)s candidatures attendent, la plus ancienne depuis %(since)s.",
        waiting.number,
    )
    words = text % {"number": formats.number(waiting.number), "since": since}
    return WaitingArrivals(words, is_long=age >= LONG_WAIT)


def _departed_member_row(departed: DepartedMember) -> DepartedMemberRow:
    text = ngettext(
        "%(number)s dossier attribué à %(member)s, qui n’évalue plus pour l’offre %(offer)s",
        "%(number)s dossiers attribués à %(member)s, qui n’évalue plus pour l’offre %(offer)s",
        departed.files,
    )
    values = {"number": formats.number(departed.files), "member": departed.name, "offer": departed.offer}
    filters = {"offre": departed.offer, "lecture": f"{departed.member}-{DEPARTED}"}
    return DepartedMemberRow(
        words=text % values,
        url=queue_url(urlencode(filters)),
        division_url=reverse("review:assign_evenly", args=[departed.offer]),
    )


def _line(offer: Offer, tally: OfferTally, chosen: Offer | None, at: datetime, *, assigns: bool) -> Line:
    def figure(label: StrOrPromise, number: int, *, urgent: bool = False, **filters: str) -> Figure:
        return Figure(str(label), number, queue_of_offer(offer, **filters), loud=urgent and number > 0)

    pending, submitted = HumanReview.PENDING.value, State.SUBMITTED.value
    received, reserved = tally.count(state=State.SUBMITTED, pending=False), tally.count(pending=True)
    incomplete = tally.count(state=State.COMPLEMENT_REQUESTED)
    shortlisted = tally.count(state=State.SHORTLISTED)
    return Line(
        offer=offer,
        when=_deadline_text(offer, at),
        choose_url=f"?{urlencode({'offre': offer.number or ''})}#en-detail",
        is_chosen=offer == chosen,
        figures=(
            figure(FILED.label, tally.reached(FILED), etape=FILED.key),
            figure(_("À mettre à l’étude"), received, etat=submitted, reserve=NO_REVIEW_PENDING),
            figure(_("Incomplètes"), incomplete, etat=State.COMPLEMENT_REQUESTED.value),
            figure(_("Délai passé"), tally.overdue, urgent=True, complement=OVER),
            figure(_("En révision"), reserved, urgent=True, reserve=pending),
            figure(_("Présélectionnées"), shortlisted, etat=State.SHORTLISTED.value),
            figure(DECIDED.label, tally.reached(DECIDED), etape=DECIDED.key),
        ),
        division_url=reverse("review:assignments", args=[offer.number]) if assigns else "",
    )


def _deadline_text(offer: Offer, at: datetime) -> str:
    if offer.is_open(at):
        return formats.time_left(at, offer.closes_at)
    closed = formats.last_minute(offer.closes_at).astimezone(offer.zone).date()
    return _("fermée le %(day)s") % {"day": formats.day(closed)}


def _delivery_warnings(user: User, at: datetime) -> tuple[tuple[str, str], ...]:
    desk = reverse("admin:outbox_delivery_changelist")
    warnings = []
    if dead := count_failed(user):
        text = ngettext("%(number)s envoi en échec", "%(number)s envois en échec", dead)
        warnings.append((text % {"number": formats.number(dead)}, f"{desk}?state__exact=DEAD"))
    if back := count_bounces(user, since=at - RECENT_BOUNCE):
        text = ngettext("%(number)s courriel retourné", "%(number)s courriels retournés", back)
        query = urlencode({"courriel": RECENT_BOUNCES_VALUE})
        warnings.append((text % {"number": formats.number(back)}, f"{desk}?{query}"))
    for outage in open_outages():
        text = _("%(server)s : en panne depuis %(since)s") % {
            "server": outage.get_server_display(),
            "since": formats.instant(outage.started_at),
        }
        warnings.append((text, f"{desk}?{urlencode({DELAY: DELAYED_BY_OUTAGE})}"))
    if delayed := count_delayed_by_outage(user):
        text = ngettext(
            "%(number)s envoi attend un serveur qui ne répond pas",
            "%(number)s envois attendent un serveur qui ne répond pas",
            delayed,
        )
        query = urlencode({DELAY: DELAYED_BY_OUTAGE})
        warnings.append((text % {"number": formats.number(delayed)}, f"{desk}?{query}"))
    if late := count_overdue(user, at=at):
        text = ngettext("%(number)s envoi en retard", "%(number)s envois en retard", late)
        query = urlencode({DELAY: LATE})
        warnings.append((text % {"number": formats.number(late)}, f"{desk}?{query}"))
    return tuple(warnings)
