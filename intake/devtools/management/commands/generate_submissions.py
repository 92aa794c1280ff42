"""`manage.py generate_submissions`: create any number of invented applications to an open offer."""

import json
import time
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from intake.base.command_errors import exit_bad_input
from intake.devtools.synthetic.bulk_load import load_applications
from intake.devtools.synthetic.people import Tally, draw_applications
from intake.devtools.synthetic.service_steps import invite_staff, make_application
from intake.submissions.questions.sections import read_offer_questions
from offers.models import Offer
from offers.selectors import current_rulebook, get_by_number

THROUGH_SERVICES: Final = 100
"""Maximum number of applications that go through the operations: their documents are inspected one by one."""


class Command(BaseCommand):
    """Create applications of invented people; print one JSON object. A repeated seed creates no person twice."""

    help = (
        "Make applications of invented people to an open offer: eligible, left to a person, under reserve, drafts, in "
        "several states. Up to 100 go through the portal's services, mail and dossier included; more are loaded in "
        "bulk under the same constraints, without mail or dossier. The same seed gives the same people: what exists "
        "already is left alone, so that a larger count adds only the difference. Refuses to run where people may be "
        "real (setting SYNTHETIC_PEOPLE)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--offer", required=True, metavar="NUMBER", help="the number of a published, open offer"
        )
        parser.add_argument("--count", required=True, type=int, metavar="N", help="how many people")
        parser.add_argument("--seed", type=int, default=1, metavar="S", help="which people (default: 1)")
        parser.add_argument(
            "--through",
            choices=["services", "bulk"],
            help=f"services or bulk, whatever the count (default: services up to {THROUGH_SERVICES})",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        if settings.SYNTHETIC_PEOPLE is not True:
            exit_bad_input("these settings are for real people: nobody is invented here (SYNTHETIC_PEOPLE)")
        count, seed = options["count"], options["seed"]
        if count < 1:
            exit_bad_input(f"--count: {count} is not a number of people")
        number = options["offer"]
        try:
            offer = get_by_number(number)
        except Offer.DoesNotExist:
            exit_bad_input(f"--offer: there is no offer {number}")
        if not offer.is_open(timezone.now()):
            exit_bad_input(f"--offer: {number} takes no applications now")
        through = options["through"] or ("services" if count <= THROUGH_SERVICES else "bulk")
        tally = Tally()
        started = time.monotonic()
        at = timezone.now()
        staff = invite_staff(at=at)
        if through == "services":
            asks = read_offer_questions(offer, current_rulebook(offer))
            on = at.astimezone(offer.zone).date()
            for application in draw_applications(asks=asks, seed=seed, ranks=range(count), on=on):
                make_application(
                    offer=offer, application=application, staff=staff, at=timezone.now(), tally=tally
                )
        else:
            for done in load_applications(offer=offer, seed=seed, count=count, staff=staff, tally=tally):
                self.stderr.write(f"{done} / {count}")
        result = {
            "offer": offer.number,
            "seed": seed,
            "asked": count,
            **tally.as_json(),
            "through": through,
            "seconds": round(time.monotonic() - started, 1),
        }
        self.stdout.write(json.dumps(result, ensure_ascii=False))
