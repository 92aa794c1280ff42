"""Structured data of an offer for search engines: schema.org's JobPosting, as JSON-LD. Pure.

A stage of this programme is a job for a fixed time, with an application: a JobPosting, whose employment types include
interns. (EducationalOccupationalProgram is a course of a school, and Grant has neither place nor employer.) The salary
is an allowance for the complete stage, not an hourly or monthly wage, and its description states it.
"""

from collections.abc import Iterable
from datetime import UTC
from typing import Any

from offers.models import Offer, Section

Thing = dict[str, Any]


def job_posting(offer: Offer, sections: Iterable[Section], *, url: str, publisher: str, stage: str) -> Thing:
    """Return the JobPosting of a published `offer`.

    `url` is the absolute address of its page, `publisher` the responsible organisation, `stage` the text about what
    the allowance pays. The texts are in the language of the offer, French.
    """
    texts = [f"{section.title}\n{section.text}".strip() for section in sections]
    posting: Thing = {
        "@context": "https://schema.org",
        "@type": "JobPosting",
        "url": url,
        "identifier": {"@type": "PropertyValue", "name": publisher, "value": offer.number},
        "title": " — ".join(filter(None, [f"Stage {offer.number}", offer.domain])),
        "description": "\n\n".join(texts) or offer.organisation,
        "datePosted": offer.published_at.astimezone(offer.zone).date().isoformat()
        if offer.published_at
        else None,
        "validThrough": offer.closes_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "employmentType": "INTERN",
        "jobStartDate": offer.starts_on.isoformat(),
        "directApply": True,
        "hiringOrganization": _organisation(offer),
        "jobLocation": _location(offer),
        "applicantLocationRequirements": {"@type": "AdministrativeArea", "name": "Québec, Canada"},
        "baseSalary": _allowance(offer, stage),
        "funder": {"@type": "Organization", "name": offer.funder} if offer.funder else None,
    }
    return {key: value for key, value in posting.items() if value is not None}


def _organisation(offer: Offer) -> Thing:
    organisation: Thing = {"@type": "Organization", "name": offer.organisation}
    if offer.organisation_short:
        organisation["alternateName"] = offer.organisation_short
    return organisation


def _location(offer: Offer) -> Thing | None:
    if not offer.place:
        return None
    # « Paris, France »: the last part is a country. A longer place is kept as written.
    city, _comma, country = offer.place.rpartition(", ")
    plain = city and "," not in city and "(" not in offer.place
    address = {"addressLocality": city, "addressCountry": country} if plain else {"name": offer.place}
    return {"@type": "Place", "address": {"@type": "PostalAddress", **address}}


def _allowance(offer: Offer, stage: str) -> Thing | None:
    if offer.allowance_max is None or offer.allowance_min is None:
        return None
    least, most = float(offer.allowance_min), float(offer.allowance_max)
    amount: Thing = {"value": most} if least == most else {"minValue": least, "maxValue": most}
    return {
        "@type": "MonetaryAmount",
        "currency": offer.currency,
        "value": {"@type": "QuantitativeValue", **amount, "unitText": stage},
    }
