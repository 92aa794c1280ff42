"""`manage.py rebuild_register`: enter completed stages in the register again, with the current key."""

import json
from typing import Any

from django.core.management.base import BaseCommand

from intake.base.command_errors import exit_bad_input
from intake.register.errors import NoKeyError
from intake.register.services import rebuild_register


class Command(BaseCommand):
    """Rebuild the register from completed stages."""

    help = (
        "Recalcule avec la clé actuelle les participations des stages terminés, et affiche combien le sont et combien "
        "restent sous une clé antérieure. Code 1 : des inscriptions sont sous une clé perdue."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        try:
            rebuilt = rebuild_register()
        except NoKeyError:
            exit_bad_input(
                "REGISTER_KEYS manque : le registre n’a pas de clé (docs/operations/keys.md dit comment)"
            )
        tally = rebuilt.completed
        counts = {
            "completed": tally.rows,
            "new": tally.new,
            "known": tally.known,
            "rekeyed": tally.rekeyed,
            "older_keys": rebuilt.older_keys,
            "lost_keys": rebuilt.lost_keys,
        }
        self.stdout.write(json.dumps(counts))
        if rebuilt.lost_keys:
            self.stderr.write(
                f"{rebuilt.lost_keys} inscriptions sous une clé perdue ne reconnaissent plus personne"
            )
            raise SystemExit(1)
