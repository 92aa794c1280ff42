"""`manage.py load_demonstration_offers`: create the demonstration offers."""

import json
from datetime import UTC
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from intake.devtools.demonstration.offers import load_demonstration


class Command(BaseCommand):
    """Create the demonstration offers that are missing; print both."""

    help = "Écrit les deux offres de démonstration si elles manquent et affiche un objet JSON."

    def handle(self, *_args: Any, **_options: Any) -> None:
        at = timezone.now()
        rows = [
            {
                "number": offer.number,
                "closes_at": f"{offer.closes_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
                "moment": offer.phase(at).value,
            }
            for offer in load_demonstration(at=at)
        ]
        self.stdout.write(json.dumps({"offers": rows}))
