"""What tests read on the pages of staff around an offer, and what a browser sends from their forms."""

import re
from collections.abc import Iterable
from html import unescape
from typing import Any

from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from offers.admin.correct_forms import Correction
from offers.models import Offer
from offers.rule_forms import RulesForm

type Answer = Any
"""Any: Django's types lack what the test client adds to a response."""


def address(offer: Offer, page: str = "change", **more: Any) -> str:
    """Return the address of a page about an offer."""
    return reverse(f"admin:offers_offer_{page}", kwargs={"object_id": offer.pk, **more})


def with_plain_spaces(text: object) -> str:
    """Return a text with ordinary spaces only."""
    return str(text).replace("\u00a0", " ")


def text_of(answer: Answer) -> str:
    """Return the text of a page, without tags and with single spaces."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def messages_text(answer: Answer) -> str:
    """Return the messages that a followed page shows."""
    return " ".join(str(message) for message in answer.context["messages"])


def last_message(answer: Answer) -> str:
    """Return the last message of a response that was not followed."""
    return with_plain_spaces(list(get_messages(answer.wsgi_request))[-1])


def form_data(bound_fields: Iterable[Any], *, selects: bool = False) -> dict[str, Any]:
    """Return the data that a browser sends for unchanged fields; `selects`: lists send their first choice."""
    sent: dict[str, Any] = {}
    for bound in bound_fields:
        value = bound.value()
        if value is True:
            sent[bound.html_name] = "on"
        elif value is not None and value is not False:
            sent[bound.html_name] = value
        elif selects and hasattr(bound.field, "choices"):
            sent[bound.html_name] = next(iter(bound.field.choices))[0]
    return sent


def data_of_correction(correction: Correction) -> dict[str, Any]:
    """Return the data that a browser sends for an unchanged correction."""
    forms: list[Any] = [correction.header, *correction.sections, *correction.documents]
    forms += [correction.sections.management_form, correction.documents.management_form]
    sent = form_data((bound for form in forms for bound in form), selects=True)
    return sent | {"reason": "Erreur.", "seen": correction.why.initial["seen"]}


def correction_page(client: Client, offer: Offer) -> dict[str, Any]:
    """Return the data that a browser sends for the unchanged page of the correction."""
    page: Answer = client.get(address(offer, "correct"))
    return data_of_correction(page.context["correction"])


def data_of_rules(rules: RulesForm) -> dict[str, Any]:
    """Return the data that a browser sends for unchanged criteria."""
    places = {"place": [card.placed for card in rules.cards]}
    return places | form_data(bound for card in rules.cards for bound in card.form.judged)
