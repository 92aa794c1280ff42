"""Charts of the staff dashboard: the content of each bar, and the list that it links to."""

from collections.abc import Mapping
from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from intake.review.pages.shortcuts import queue_of_offer
from intake.review.queue.stages import FUNNEL
from intake.review.queue.work_filters import MARKED
from intake.web import formats
from offers.criterion_labels import criterion_names
from offers.models import Offer

from .chart_geometry import Chart, Datum, bars_of, columns_of, line_after
from .figures import OfferDetail, OfferTally

_MAX_DAYS = 62
"""Days that fit side by side; a longer period is drawn by the week."""


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
    deadline = None
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
        heads=(_("Jour") if step == 1 else _("Semaine"), _("Dépôts qui valent")),
        columns=columns_of(rows),
        deadline_x=None if deadline is None else line_after(deadline, len(rows)),
        first=formats.day(first),
        last=formats.day(last),
    )


def _arrivals_sentence(offer: Offer, rows: list[Datum]) -> str:
    total = sum(row.value for row in rows)
    text = ngettext("%(number)s dépôt.", "%(number)s dépôts.", total) % {"number": formats.number(total)}
    if total:
        most = max(rows, key=lambda row: row.value)
        text += _(" Le plus fort : %(number)s, %(day)s.") % {"number": most.figure, "day": most.label}
    closing = formats.closing(offer.closing)
    return text + _(" Date limite : %(closing)s.") % {"closing": closing}


def reasons_chart(offer: Offer, refusing: Mapping[str, int]) -> Chart:
    """Return the chart of criteria that refuse filings with a review request; several may refuse one file."""
    names = criterion_names(refusing)
    rows = tuple(
        Datum(name, number, formats.number(number), queue_of_offer(offer, critere=kind))
        for name, (kind, number) in zip(names, refusing.items(), strict=True)
    )
    return Chart(
        key="motifs",
        title=_("Motifs de refus"),
        sentence=_("Ce que les règles refusent aux candidatures déposées sous réserve, par critère."),
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
    sentence = _("Dossiers notés, sur ceux qui sont confiés à chaque membre.")
    if not detail.divided:
        sentence = _("Dossiers notés, sur tous ceux de l’offre : rien n’est réparti entre les membres.")
    if late:
        words = ngettext(" %(number)s note est en retard.", " %(number)s notes sont en retard.", late)
        sentence += words % {"number": formats.number(late)}
    if detail.unassigned:
        words = ngettext(
            " %(number)s dossier n’est attribué à personne.",
            " %(number)s dossiers ne sont attribués à personne.",
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
