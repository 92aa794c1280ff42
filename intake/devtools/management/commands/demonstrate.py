"""`manage.py demonstrate`: run the demonstration. `make run` calls it once web, workers and beat run."""

import json
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from intake.accounts.services import make_sign_in_link
from intake.base.command_errors import exit_bad_input
from intake.devtools.demonstration import filing, sample_texts
from intake.devtools.demonstration.offers import load_demonstration
from intake.dossiers.models import Dossier
from intake.outbox.models import Message
from intake.submissions.delivery_kinds import RECEIPT_MAIL
from intake.submissions.models import Receipt

MAIL_SECONDS, DOSSIER_SECONDS, FILE_SECONDS = 60.0, 120.0, 5.0
POLL_SECONDS: Final = 0.2
# A mail is an .eml file or, without a mail server, is appended to a file: the newest files are enough.
_NEWEST_FILES: Final = 200


class Command(BaseCommand):
    """File one application through the real operations the first time; print sign-in links every time."""

    help = (
        "First time: make the demonstration's people and offers, file one application through the real services, wait "
        "for the worker, shortlist it and export the list. Every time: print one-time sign-in links. Needs settings "
        "that allow them (ONE_TIME_LINKS)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--wait",
            type=float,
            default=None,
            metavar="SECONDS",
            help=f"how long to wait for the worker's mail ({MAIL_SECONDS:g}) and dossier ({DOSSIER_SECONDS:g})",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        if settings.ONE_TIME_LINKS is not True:
            exit_bad_input(
                "the demonstration is for embedded settings: these do not allow one-time sign-in links"
            )
        at = timezone.now()
        offer = load_demonstration(at=at)[-1]
        people = filing.invite_people(at=at)
        filing.seat_committee(offer=offer, people=people)
        shown = self._previous_result() or self._show(offer, people, options["wait"])
        links = self._print_links(people, at)
        self.stdout.write(
            json.dumps({**shown, "site": settings.SITE_URL, "links": links}, ensure_ascii=False)
        )
        if not shown["complete"]:
            raise SystemExit(1)

    def _say(self, text: str) -> None:
        self.stderr.write(text)
        self.stderr.flush()

    def _previous_result(self) -> dict[str, Any] | None:
        """Return the result of an earlier complete run, unless its database is gone."""
        try:
            shown: dict[str, Any] = json.loads(_state_file().read_text(encoding="utf-8"))
        except (FileNotFoundError, json.JSONDecodeError):
            return None
        return shown if Receipt.objects.filter(number=shown.get("receipt")).exists() else None

    def _show(self, offer: Any, people: filing.People, wait: float | None) -> dict[str, Any]:
        """File, wait, shortlist and export, printing each step; skip the steps of an interrupted run."""
        self._say(_("Démonstration : une candidature passe par les vrais services."))
        receipt = filing.find_receipt(offer=offer, candidate=people.candidate) or filing.file_application(
            offer=offer, candidate=people.candidate, at=timezone.now()
        )
        self._say(
            _("  1. Candidature déposée par %(name)s ; accusé de réception n° %(number)s")
            % {"name": sample_texts.CANDIDATE[1], "number": receipt.number}
        )
        mail = self._wait_for_mail(receipt, wait)
        dossier = self._wait_for_dossier(receipt, wait)
        filing.shortlist_application(submission=receipt.filing.submission, people=people, at=timezone.now())
        path = settings.DATA_DIR / "demonstration" / "shortlist.xlsx"
        rows = filing.write_shortlist(offer=offer, people=people, path=path)
        self._say(
            _("  4. Liste de présélection (candidatures : %(rows)d) : %(path)s")
            % {"rows": rows, "path": path}
        )
        shown = {
            "complete": mail is not None and dossier is not None,
            "offer": offer.number,
            "receipt": receipt.number,
            "mail": mail,
            "dossier": dossier,
            "shortlist": str(path),
        }
        if shown["complete"]:
            _state_file().write_text(json.dumps(shown, ensure_ascii=False), encoding="utf-8")
        return shown

    def _wait_for_mail(self, receipt: Receipt, wait: float | None) -> str | None:
        seconds = MAIL_SECONDS if wait is None else wait
        sent = Message.objects.filter(
            delivery__kind=RECEIPT_MAIL, delivery__key=receipt.number, sent_at__isnull=False
        )
        message = wait_for(sent.first, seconds=seconds)
        if message is None:
            self._say(_("  2. Courriel : non envoyé après %(seconds)g s. %(why)s") % _late(seconds))
            return None
        folder = settings.DATA_DIR / "mail"
        file = wait_for(lambda: find_mail_file(message, folder=folder), seconds=FILE_SECONDS)
        if file is None:
            self._say(_("  2. Courriel remis au serveur pour %(to)s") % {"to": message.to_address})
            return message.message_id
        self._say(_("  2. Courriel : %(path)s") % {"path": file})
        return str(file)

    def _wait_for_dossier(self, receipt: Receipt, wait: float | None) -> str | None:
        seconds = DOSSIER_SECONDS if wait is None else wait
        dossier = wait_for(Dossier.objects.filter(number=receipt.number).first, seconds=seconds)
        if dossier is None:
            self._say(_("  3. Dossier : pas produit après %(seconds)g s. %(why)s") % _late(seconds))
            return None
        try:
            path = dossier.file.path
        except NotImplementedError:  # a storage without paths
            path = str(dossier.file)
        self._say(_("  3. Dossier PDF : %(path)s") % {"path": path})
        return path

    def _print_links(self, people: filing.People, at: datetime) -> dict[str, str]:
        links: dict[str, str] = {}
        self._say("")
        self._say(_("Le portail est ouvert : %(address)s") % {"address": settings.SITE_URL})
        self._say(_("Liens de connexion, chacun valide une fois, pendant 12 heures :"))
        for key, role, user in (
            ("candidate", _("Candidate"), people.candidate),
            ("reviewer", _("Évaluation"), people.reviewer),
            ("staff", _("Personnel"), people.staff),
            ("administrator", _("Administration"), people.administrator),
        ):
            links[key] = make_sign_in_link(user=user, at=at)
            self._say(f"  {role} ({user.email})\n    {links[key]}")
        return links


def wait_for[Result](look: Callable[[], Result | None], *, seconds: float) -> Result | None:
    """Return what `look` returns within `seconds`, calling it every `POLL_SECONDS`, or None."""
    ends = time.monotonic() + seconds
    while (result := look()) is None and time.monotonic() < ends:
        time.sleep(POLL_SECONDS)
    return result


def find_mail_file(message: Message, *, folder: Path) -> Path | None:
    """Return the file of `folder` that contains `message`, found by its Message-ID, or None."""
    if not folder.is_dir():
        return None
    files = [path for path in folder.iterdir() if path.is_file()]
    files.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    wanted = message.message_id.encode()
    return next((path for path in files[:_NEWEST_FILES] if wanted in path.read_bytes()), None)


def _state_file() -> Path:
    folder: Path = settings.DATA_DIR / "demonstration"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / "shown.json"


def _late(seconds: float) -> dict[str, Any]:
    why = _("Un travailleur Celery est-il en marche ? « manage.py check_outbox » montre ce qui attend.")
    return {"seconds": seconds, "why": why}
