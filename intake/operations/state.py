"""The state of the portal, for who runs it: each line with what to do, from the same checks as `/readyz`."""

import platform
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import django
from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from intake.outbox.heartbeats import PROCESSES, LastBeat
from intake.outbox.models import Delivery, Outage
from intake.outbox.policy import QUEUES
from intake.web import formats

from .metrics import read_deliveries, read_storage
from .models import Backup
from .readiness import NEEDED, TO_DO, Readiness

BACKUP_EVERY: Final = timedelta(days=1)
BACKUP_LATE: Final = BACKUP_EVERY + timedelta(hours=2)
"""After which a backup is late: a dump takes its time."""
QUEUE_LATE: Final = timedelta(minutes=5)
LITTLE_SPACE: Final = 0.1
"""Share of the file system below which space is to be made: an evening of uploads fills some of it."""
CHECKS: Final[dict[str, StrOrPromise]] = {
    "database": gettext_lazy("Base de données"),
    "version": gettext_lazy("Version de PostgreSQL"),
    "role": gettext_lazy("Rôle de la base de données"),
    "migrated": gettext_lazy("Migrations"),
    "storage": gettext_lazy("Espace de fichiers"),
    "clock": gettext_lazy("Horloge"),
    "broker": gettext_lazy("File des messages"),
    "cache": gettext_lazy("Cache"),
    "mail": gettext_lazy("Serveur de courriel"),
    "invariants": gettext_lazy("Invariants, à la vérification du jour"),
    "encrypted": gettext_lazy("Chiffrement entre les machines"),
    "confined": gettext_lazy("Isolement des fichiers reçus"),
    "scanned": gettext_lazy("Antivirus"),
    "beats": gettext_lazy("Processus sans visiteurs"),
}
"""The checks of `/readyz`, as the page names them."""


@dataclass(frozen=True, slots=True)
class Line:
    """One fact; with what to do, and the page of the manual, if it is not as it should be."""

    label: StrOrPromise
    value: str
    tone: str = "none"
    to_do: StrOrPromise = ""
    page: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Facts under one heading."""

    title: str
    lines: list[Line]


def read_state(found: Readiness, *, at: datetime) -> list[Group]:
    """Return what is known of the portal at `at`, what is wrong first in each group."""
    groups = [
        (_("Contrôles"), _checks(found)),
        (_("Pannes"), _outages(at)),
        (_("Processus"), _processes(found.beats)),
        (_("Files d’attente"), _queues(at)),
        (_("Sauvegardes et espace"), _reserves(at)),
        (_("Versions"), _versions()),
    ]
    return [Group(title, sorted(lines, key=lambda line: not line.to_do)) for title, lines in groups]


def _checks(found: Readiness) -> Iterator[Line]:
    for name, passed in found.checks.items():
        page = f"probes.md#{name}"
        if passed:
            yield Line(CHECKS[name], _("Fonctionne"), "success")
        elif passed is None:
            yield Line(CHECKS[name], _("Pas encore connu"))
        else:
            yield Line(
                CHECKS[name], _("En défaut"), "error" if name in NEEDED else "warning", TO_DO[name], page
            )


def _outages(at: datetime) -> Iterator[Line]:
    for outage in Outage.objects.filter(ended_at=None).order_by("started_at"):
        since = _("depuis %(wait)s") % {"wait": formats.waiting_time(at - outage.started_at)}
        yield Line(
            outage.get_server_display(), since, "error", _("Suivez la page de cette panne."), "failures.md"
        )


def _processes(beats: list[LastBeat]) -> Iterator[Line]:
    by_name = {beat.process: beat for beat in beats}
    for name in PROCESSES:
        beat = by_name.get(name)
        if beat is None or beat.seconds is None:
            said = _("Aucun signe de vie")
        else:
            said = _("Dernier signe il y a %(seconds)s s") % {"seconds": formats.number(round(beat.seconds))}
        if beat is None or beat.is_silent:
            yield Line(name, said, "error", _("Redémarrez ce processus."), "processes.md")
        else:
            yield Line(name, said, "success")


def _queues(at: datetime) -> Iterator[Line]:
    samples = {(name, labels): value for name, labels, value in read_deliveries(at)}
    for queue in QUEUES:
        number = int(samples["intake_queue_waiting", (queue,)])
        waits = timedelta(seconds=samples["intake_queue_oldest_seconds", (queue,)])
        said = (
            _("%(number)s en attente") % {"number": formats.number(number)} if number else _("Rien n’attend")
        )
        if waits > QUEUE_LATE:
            said = _("%(waiting)s, depuis %(wait)s") % {"waiting": said, "wait": formats.waiting_time(waits)}
            to_do = _("Voyez si un travailleur de cette file fonctionne.")
            yield Line(queue, said, "warning", to_do, "metrics.md")
        else:
            yield Line(queue, said, "none" if number else "success")
    failed = sum(value for (_name, labels), value in samples.items() if Delivery.State.DEAD in labels)
    if failed:
        to_do = _("Sous « Envois », lisez chaque erreur, puis relancez l’envoi ou classez-le.")
        yield Line(
            _("Envois en échec"), formats.number(int(failed)), "error", to_do, "runbooks/stuck-mail.md"
        )


def _reserves(at: datetime) -> Iterator[Line]:
    last = Backup.objects.order_by("-at").first()
    said = formats.instant(last.at) if last else _("Aucune n’est connue")
    if last is None or at - last.at > BACKUP_LATE:
        yield Line(
            _("Dernière sauvegarde"),
            said,
            "warning",
            _("Faites-en une ; à sa fin, votre script exécute « manage.py note_backup »."),
            "backup.md",
        )
    else:
        yield Line(_("Dernière sauvegarde"), said, "success")
    try:
        space = {name: int(value) for name, _labels, value in read_storage(0)}
    except OSError:  # its check says so
        space = {}
    if space:
        free, size = space["intake_storage_free_bytes"], space["intake_storage_size_bytes"]
        said = _("%(free)s libres sur %(size)s") % {
            "free": formats.file_size(free),
            "size": formats.file_size(size),
        }
        if free < LITTLE_SPACE * size:
            yield Line(
                _("Espace des fichiers"), said, "error", _("Faites de la place."), "runbooks/full-disk.md"
            )
        else:
            yield Line(_("Espace des fichiers"), said, "success")


def _versions() -> Iterator[Line]:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        (postgres,) = cursor.fetchone()
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))
    yield Line(_("Portail"), project["project"]["version"])
    programs = {
        "PostgreSQL": postgres.split()[0],
        "Django": django.get_version(),
        "Python": platform.python_version(),
    }
    yield Line(_("Logiciels"), ", ".join(f"{name} {version}" for name, version in programs.items()))
