"""Charts of the dashboard, 360 units wide: the content of each bar, the list that it links to, and its position."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from intake.review.pages.shortcuts import queue_of_offer
from intake.review.queue.stages import FUNNEL
from intake.review.queue.work_filters import MARKED
from intake.web import formats
from offers.criterion_labels import criterion_names
from offers.models import Offer

from .figures import OfferDetail, OfferTally

_MAX_DAYS = 62
"""Days that fit side by side; a longer period is drawn by the week."""
WIDTH = 360
_LETTER = 8
"""Width, in units, of one character of a figure at the end of its bar."""
_ROW = 40
_MAX_LENGTH = 46
"""Maximum characters of a label above its bar."""
_PLOT = 108
"""Height of the tallest column, in units."""
_TOP = 18
"""Height above that column for its figure, in units."""


class Datum(NamedTuple):
    """Data of one bar: `value` out of `whole`, or only `value`."""

    label: str
    value: int
    figure: str
    """The value as text."""
    url: str
    whole: int = 0


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: label above it, figure at its end. `track` is the length of its whole, 0 without one."""

    label: str
    figure: str
    label_y: int
    bar_y: int
    text_y: int
    length: float
    track: float
    figure_x: float


@dataclass(frozen=True, slots=True)
class Column:
    """One column. Only the tallest column has a `figure`, above it."""

    x: float
    y: float
    width: float
    height: float
    figure: str
    figure_x: float


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart with its title, a sentence that sums it up, and the rows of the table behind it."""

    key: str
    """Prefix of its identifiers on the page."""
    title: str
    sentence: str
    rows: tuple[Datum, ...]
    heads: tuple[str, str]
    """Headers of the table's two columns."""
    bars: tuple[Bar, ...] = ()
    columns: tuple[Column, ...] = ()
    deadline_x: float = 0.0
    """Position of the deadline's line among the columns."""
    first: str = ""
    last: str = ""
    """Texts under the first and the last column."""

    @property
    def height(self) -> int:
        """Height of the drawing, in units."""
        return _TOP + _PLOT + 20 if self.columns else max(len(self.bars) * _ROW, 1)

    @property
    def base(self) -> int:
        """Vertical position of the foot of the columns."""
        return _TOP + _PLOT


@dataclass(frozen=True, slots=True)
class Meter:
    """Progress as a bar 360 units long."""

    key: str
    words: str
    length: float


def funnel_chart(offer: Offer, tally: OfferTally) -> Chart:
    """Return the chart of submissions by stage: begun, filed, eligible, shortlisted, recommended, selected."""
    filed = tally.reached(FUNNEL[0])
    begun = tally.drafts + filed
    rows = [Datum(_("Commencées"), begun, formats.number(begun), "")]
    for stage in FUNNEL:
        number = tally.reached(stage)
        rows.append(
            Datum(str(stage.label), number, formats.number(number), queue_of_offer(offer, etape=stage.key))
        )
    sentence = _("%(begun)s commencées, %(filed)s déposées, %(selected)s retenues.") % {
        "begun": formats.number(begun),
        "filed": formats.number(filed),
        "selected": rows[-1].figure,
    }
    return Chart(
        key="entonnoir",
        title=_("Du brouillon au choix"),
        sentence=sentence,
        rows=tuple(rows),
        heads=(_("Étape atteinte ou dépassée"), _("Candidatures")),
        bars=bars_of(rows),
    )


def arrivals_chart(offer: Offer, arrivals: Mapping[date, int]) -> Chart:
    """Return the chart of current filings by day of receipt, or by week of a long period, up to the deadline."""
    first = min([offer.opening.date(), *arrivals])
    closing = formats.last_minute(offer.closes_at).astimezone(formats.QUEBEC).date()
    last = max([closing, *arrivals])
    step = 1 if (last - first).days < _MAX_DAYS else 7
    rows: list[Datum] = []
    deadline = 0
    start = first
    while start <= last:
        end = min(start + timedelta(days=step - 1), last)
        number = sum(arrivals.get(start + timedelta(days=day), 0) for day in range((end - start).days + 1))
        if start <= closing <= end:
            deadline = len(rows)
        days = start.isoformat() if start == end else f"{start.isoformat()}..{end.isoformat()}"
        label = formats.day(start) if start == end else formats.period(start, end)
        rows.append(Datum(label, number, formats.number(number), queue_of_offer(offer, recues=days)))
        start = end + timedelta(days=1)
    return Chart(
        key="arrivees",
        title=_("Dépôts par jour") if step == 1 else _("Dépôts par semaine"),
        sentence=_arrivals_sentence(offer, rows),
        rows=tuple(row for row in rows if row.value),
        heads=(_("Jour") if step == 1 else _("Semaine"), _("Dépôts valides")),
        columns=columns_of(rows),
        deadline_x=line_after(deadline, len(rows)),
        first=formats.day(first),
        last=formats.day(last),
    )


def _arrivals_sentence(offer: Offer, rows: list[Datum]) -> str:
    total = sum(row.value for row in rows)
    text = ngettext("%(number)s dépôt.", "%(number)s dépôts.", total) % {"number": formats.number(total)}
    if total:
        most = max(rows, key=lambda row: row.value)
        text += _(" Le plus fort : %(number)s, %(day)s.") % {"number": most.figure, "day": most.label}
    closing = formats.closing(offer.closing)
    return text + _(" Date limite : %(closing)s.") % {"closing": closing}


def reasons_chart(offer: Offer, refusing: Mapping[str, int]) -> Chart:
    """Return the chart of criteria that refuse filings with a review request; several may refuse one file."""
    names = criterion_names(refusing)
    rows = tuple(
        Datum(name, number, formats.number(number), queue_of_offer(offer, critere=kind))
        for name, (kind, number) in zip(names, refusing.items(), strict=True)
    )
    return Chart(
        key="motifs",
        title=_("Critères non respectés"),
        sentence=_("Critères non respectés des candidatures dont la révision est demandée."),
        rows=rows,
        heads=(_("Critère"), _("Candidatures")),
        bars=bars_of(rows),
    )


def progress_chart(offer: Offer, detail: OfferDetail) -> Chart:
    """Return the chart of each committee member's progress with the files that they have to mark."""
    rows = []
    for share in detail.shares:
        figure = _("%(done)s sur %(whole)s") % {
            "done": formats.number(share.marked),
            "whole": formats.number(share.asked),
        }
        url = queue_of_offer(offer, lecture=f"{share.member}-{MARKED}")
        rows.append(Datum(share.name, share.marked, figure, url, share.asked))
    late = sum(share.late for share in detail.shares)
    sentence = _("Dossiers notés, sur les dossiers attribués à chaque membre.")
    if not detail.divided:
        sentence = _("Dossiers notés, sur tous les dossiers de l’offre : aucun dossier n’est attribué.")
    if late:
        words = ngettext(" %(number)s note est en retard.", " %(number)s notes sont en retard.", late)
        sentence += words % {"number": formats.number(late)}
    if detail.unassigned:
        words = ngettext(
            " %(number)s dossier n’est attribué à personne.",
            " %(number)s dossiers ne sont attribués à personne.",
            detail.unassigned,
        )
        sentence += words % {"number": formats.number(detail.unassigned)}
    return Chart(
        key="avancement",
        title=_("Avancement du comité"),
        sentence=sentence,
        rows=tuple(rows),
        heads=(_("Membre"), _("Notés")),
        bars=bars_of(rows),
    )


def bars_of(rows: Sequence[Datum]) -> tuple[Bar, ...]:
    """Return bars, one under another, each with its label above it; the longest fills the width."""
    most = max([1, *(max(row.value, row.whole) for row in rows)])
    width = WIDTH - 8 - _LETTER * max((len(row.figure) for row in rows), default=0)
    bars = []
    for place, row in enumerate(rows):
        top = place * _ROW
        length, track = (round(width * number / most, 1) for number in (row.value, row.whole))
        bars.append(
            Bar(
                label=row.label if len(row.label) <= _MAX_LENGTH else f"{row.label[: _MAX_LENGTH - 1]}…",
                figure=row.figure,
                label_y=top + 13,
                bar_y=top + 19,
                text_y=top + 30,
                length=max(length, 1.0) if row.value else 0,
                track=track,
                figure_x=max(length, track) + 6,
            )
        )
    return tuple(bars)


def columns_of(rows: Sequence[Datum]) -> tuple[Column, ...]:
    """Return columns side by side, in order."""
    most = max([1, *(row.value for row in rows)])
    step = WIDTH / max(len(rows), 1)
    width = max(step * 0.8, 1.0)
    tallest = max(range(len(rows)), key=lambda place: rows[place].value, default=0)
    columns = []
    for place, row in enumerate(rows):
        height = round(_PLOT * row.value / most, 1) if row.value else 0.0
        middle = place * step + step / 2
        columns.append(
            Column(
                x=round(middle - width / 2, 2),
                y=round(_TOP + _PLOT - height, 1),
                width=round(width, 2),
                height=height,
                figure=row.figure if place == tallest and row.value else "",
                figure_x=min(max(round(middle, 1), 12), WIDTH - 12),
            )
        )
    return tuple(columns)


def line_after(place: int, columns: int) -> float:
    """Return the position of a line after the column at index `place`, from 0, among `columns`."""
    return round(min((place + 1) * (WIDTH / max(columns, 1)), WIDTH - 1), 1)


def meter(*, key: str, done: int, whole: int, words: str) -> Meter:
    """Return the bar; it is empty if `whole` is 0."""
    return Meter(key, words, round(WIDTH * min(done, whole) / whole, 1) if whole else 0.0)
