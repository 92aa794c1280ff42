"""An offer as search engines read it: schema.org's JobPosting, as JSON-LD. Pure.

A stage of this programme is a place of work for a set time, asked for by an application: a JobPosting, whose kinds of
employment name interns. (EducationalOccupationalProgram is a school's course, and Grant has neither place nor
employer.) What is paid is an allowance for the whole stage, not a wage by the hour or the month, and says so.
"""

from collections.abc import Iterable
from datetime import UTC
from typing import Any

from offers.models import Offer, Section

Thing = dict[str, Any]


def job_posting(offer: Offer, sections: Iterable[Section], *, url: str, publisher: str, stage: str) -> Thing:
    """Return the JobPosting of a published `offer`.

    `url` is its page's absolute address, `publisher` who answers for it, `stage` what the allowance pays, in words. In
    the language of the offer's own text, French.
    """
    posting: Thing = {
        "@context": "https://schema.org",
        "@type": "JobPosting",
        "url": url,
        "identifier": {"@type": "PropertyValue", "name": publisher, "value": offer.number},
        "title": " — ".join(filter(None, [f"Stage {offer.number}", offer.domain])),
        "description": _description(offer, sections),
        "datePosted": offer.published_at.date().isoformat() if offer.published_at else None,
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


def _description(offer: Offer, sections: Iterable[Section]) -> str:
    parts = [f"{section.title}\n{section.text}".strip() for section in sections]
    return "\n\n".join(parts) or offer.organisation


def _organisation(offer: Offer) -> Thing:
    organisation: Thing = {"@type": "Organization", "name": offer.organisation}
    if offer.organisation_short:
        organisation["alternateName"] = offer.organisation_short
    return organisation


def _location(offer: Offer) -> Thing | None:
    if not offer.place:
        return None
    # « Paris, France »: the last part is a country. Anything longer is kept as it is written.
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
