"""Facets of the list of offers, and the status on an offer's card; without a database."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from offers.facets import FACETS, MAX_CHOICES, MAX_CODE_LENGTH, Choice, FacetSelection
from offers.listing import Listing, OfferStatus, offer_status
from offers.models import Offer, Programme
from offers.models.offer import OfferPhase

STAGES = Programme(code="STAGES-OIG", name="Stages")
GRANTS = Programme(code="BOURSES", name="Bourses")
PROGRAMME, PLACE, ORGANISATION, DOMAIN, REMOTE = FACETS
CLOSES = datetime(2027, 10, 2, 4, tzinfo=UTC)


def offer(**fields: Any) -> Offer:
    """Return an unsaved offer that closes at the end of 1 October 2027."""
    usual: dict[str, Any] = {
        "programme": STAGES,
        "organisation": "Agence de l’énergie",
        "domain": "Droit",
        "place": "Paris, France",
        "opens_at": CLOSES - timedelta(days=30),
        "closes_on": date(2027, 10, 1),
        "closes_at": CLOSES,
        "status": Offer.Status.PUBLISHED,
    }
    return Offer(**(usual | fields))


OFFERS = [
    offer(organisation="Nations Unies", organisation_short="ONU", place="Genève,  Suisse"),
    offer(place="GENEVE, Suisse", remote_possible=True),
    offer(programme=GRANTS, domain="", place="Rome, Italie"),
    offer(),
]


def choices(shown: Any) -> list[tuple[str, int, bool, str | None]]:
    """Return label, count, selection and code of each choice of a facet."""
    parameter = shown.facet.parameter
    assert all(choice.changes.keys() == {parameter, "page"} for choice in shown.choices)
    assert all(choice.changes["page"] is None for choice in shown.choices)
    return [
        (choice.label, choice.count, choice.chosen, choice.changes[parameter]) for choice in shown.choices
    ]


def test_each_facet_counts_its_choices_in_the_order_of_their_labels() -> None:
    shown = FacetSelection({}).shown(iter(OFFERS))
    assert {each.facet: choices(each) for each in shown} == {
        PROGRAMME: [("Bourses", 1, False, "bourses"), ("Stages", 3, False, "stages oig")],
        PLACE: [
            ("GENEVE, Suisse", 2, False, "geneve, suisse"),
            ("Paris, France", 1, False, "paris, france"),
            ("Rome, Italie", 1, False, "rome, italie"),
        ],
        ORGANISATION: [
            ("Agence de l’énergie", 3, False, "agence de l energie"),
            ("Nations Unies (ONU)", 1, False, "onu"),
        ],
        REMOTE: [("", 1, False, "oui")],
    }
    # A facet with a single domain narrows nothing.
    assert [each.facet for each in shown] == [PROGRAMME, PLACE, ORGANISATION, REMOTE]
    assert [(each.chosen, each.left_out) for each in shown] == [(None, 0)] * 4


def test_a_flag_that_no_offer_has_is_not_displayed() -> None:
    assert FacetSelection({}).shown([OFFERS[0], OFFERS[3]])[-1].facet is ORGANISATION
    assert FacetSelection({}).shown([]) == []


def test_a_chosen_facet_can_be_removed_and_other_choices_stay_counted() -> None:
    narrowing = FacetSelection(
        {"lieu": "  Genève,\tSUISSE ", "organisation": "ONU", "domaine": " ", "x": "y"}
    )
    assert narrowing.parameters == {"lieu": "geneve, suisse", "organisation": "onu"}
    assert [narrowing.keeps(one) for one in OFFERS] == [True, False, False, False]
    assert [narrowing.keeps(one, but=ORGANISATION) for one in OFFERS] == [True, True, False, False]
    shown = {each.facet: each for each in narrowing.shown(OFFERS)}
    assert {facet: choices(each) for facet, each in shown.items()} == {
        PLACE: [("Genève,  Suisse", 1, True, None)],
        ORGANISATION: [
            ("Agence de l’énergie", 1, False, "agence de l energie"),
            ("Nations Unies (ONU)", 1, True, None),
        ],
    }
    assert shown[PLACE].chosen == Choice(
        label="Genève,  Suisse", count=1, chosen=True, changes={"lieu": None, "page": None}
    )


def test_a_chosen_value_that_no_offer_has_is_displayed() -> None:
    narrowing = FacetSelection({"domaine": "Astronomie\0"})
    assert [narrowing.keeps(one) for one in OFFERS] == [False] * 4
    (domain,) = narrowing.shown(OFFERS)
    assert choices(domain) == [("astronomie", 0, True, None), ("Droit", 3, False, "droit")]


def test_a_chosen_facet_is_displayed_without_other_choices() -> None:
    shown = FacetSelection({"domaine": "Droit", "teletravail": "oui"}).shown([OFFERS[1]])
    assert [(each.facet, choices(each)) for each in shown] == [
        (DOMAIN, [("Droit", 1, True, None)]),
        (REMOTE, [("", 1, True, None)]),
    ]


def test_a_filter_code_is_truncated_to_the_maximum_length() -> None:
    longest = "a" * MAX_CODE_LENGTH
    assert FacetSelection({"domaine": f"{longest}b"}).parameters == {"domaine": longest}
    assert FacetSelection({"domaine": longest}).keeps(offer(domain=longest))


def test_a_long_facet_keeps_the_chosen_then_the_most_common_values() -> None:
    rare = [offer(domain=f"Domaine {index:02}") for index in range(MAX_CHOICES + 1)]
    narrowing = FacetSelection({"domaine": f"domaine {MAX_CHOICES:02}"})
    (domain,) = narrowing.shown([*rare, offer(domain="Zoologie"), offer(domain="Zoologie")])
    labels = [choice.label for choice in domain.choices]
    assert labels == [
        *(f"Domaine {index:02}" for index in range(MAX_CHOICES - 2)),
        f"Domaine {MAX_CHOICES:02}",
        "Zoologie",
    ]
    assert domain.left_out == 2


# -- States ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "at, changes, expected, is_open",
    [
        (CLOSES - timedelta(days=31), {}, OfferStatus(OfferPhase.UPCOMING, "info"), False),
        (CLOSES - timedelta(days=3), {}, OfferStatus(OfferPhase.OPEN, "open"), True),
        (CLOSES - timedelta(days=1), {}, OfferStatus(OfferPhase.CLOSING_SOON, "soon"), True),
        (CLOSES, {}, OfferStatus(OfferPhase.CLOSED, "closed"), False),
        (CLOSES, {"status": Offer.Status.CANCELLED}, OfferStatus(OfferPhase.CANCELLED, "error"), False),
        (
            CLOSES,
            {"closes_at": CLOSES + timedelta(days=3)},
            OfferStatus(OfferPhase.OPEN, "open", extended=True),
            True,
        ),
        # The midnight at the end of the printed day belongs to that day; an instant later is the next day.
        (
            CLOSES - timedelta(days=3),
            {"closes_at": CLOSES + timedelta(microseconds=1)},
            OfferStatus(OfferPhase.OPEN, "open", extended=True),
            True,
        ),
        (
            CLOSES - timedelta(days=3),
            {"closes_at": CLOSES - timedelta(hours=7)},
            OfferStatus(OfferPhase.OPEN, "open"),
            True,
        ),
    ],
)
def test_the_phase_of_an_offer_has_its_tone_and_its_extension(
    at: datetime,
    changes: dict[str, Any],
    expected: OfferStatus,
    is_open: bool,  # noqa: FBT001 -- a column of the table
) -> None:
    found = offer_status(offer(**changes), at)
    assert (found, found.is_open) == (expected, is_open)


@pytest.mark.parametrize(
    "parameters, search, state, furthest, narrowed",
    [
        ({}, "", "", False, False),
        ({"q": "  eau\0 "}, "eau", "", False, True),
        ({"q": "é" * 101}, "é" * 100, "", False, True),
        ({"q": " "}, "", "", False, False),
        ({"etat": "bientot"}, "", "bientot", False, True),
        ({"etat": "perdue", "tri": "lointaine"}, "", "", True, False),
        ({"tri": "proche"}, "", "", False, False),
        ({"lieu": "Rome"}, "", "", False, True),
    ],
)
def test_an_invalid_filter_is_read_as_absent(
    parameters: dict[str, str],
    search: str,
    state: str,
    furthest: bool,  # noqa: FBT001 -- a column of the table
    narrowed: bool,  # noqa: FBT001 -- a column of the table
) -> None:
    listing = Listing(parameters, at=CLOSES)
    assert (listing.search, listing.state.code, listing.furthest_first) == (search, state, furthest)
    assert listing.is_narrowed is narrowed
