"""Forms of a draft, of withdrawing and of a personal extension: what they accept, and what they ask."""

from datetime import date

import pytest
from django.utils import translation

from intake.submissions.after_filing.forms import WithdrawalForm
from intake.submissions.extensions.forms import PersonalExtensionForm
from offers.models import Offer


@pytest.mark.parametrize(
    "posted, errors, kept",
    [
        ({"reason": "ELSEWHERE"}, [], "J’ai accepté un emploi, un autre stage ou une autre offre"),
        (
            {"reason": "UNSAID", "message": " Merci.\r\nÀ bientôt. "},
            [],
            "Je préfère ne pas le dire\nMerci.\nÀ bientôt.",
        ),
        ({"reason": "OTHER", "message": "Un deuil."}, [], "Un deuil."),
        ({"reason": "OTHER", "message": "  "}, ["message"], None),
        ({"reason": "OTHER", "message": "x" * 1001}, ["message"], None),
        ({"reason": "PERSONAL", "message": "x" * 1000}, [], "Des raisons personnelles\n" + "x" * 1000),
        ({"reason": ""}, ["reason"], None),
        ({"message": "Rien."}, ["reason"], None),
        ({"reason": "UNHEARD_OF"}, ["reason"], None),
    ],
)
def test_a_withdrawal_stores_its_reason_with_the_message(
    posted: dict[str, str], errors: list[str], kept: str | None
) -> None:
    form = WithdrawalForm(posted)
    assert [*form.errors] == errors
    assert len(form.errors.get("message", [])) <= 1, "one mistake is told once"
    if kept is not None:
        with translation.override("en"):
            assert form.stored_reason() == kept


@pytest.mark.parametrize("day, taken", [("2027-05-02", True), ("2027-05-03", False), ("2027-05-04", False)])
def test_an_extension_ends_on_the_eve_of_the_stage_at_the_latest(day: str, *, taken: bool) -> None:
    given = {"closes_on": day, "reason": "Panne.", "seen": "2027-04-01T03:59:59.999999+00:00"}
    form = PersonalExtensionForm(given, offer=Offer(starts_on=date(2027, 5, 3)))
    assert form.is_valid() == taken
    assert form.label_suffix == ""
    said = (
        []
        if taken
        else ["Le stage commence le 3\u00a0mai\u00a02027\u00a0: la date limite doit être avant ce jour."]
    )
    assert [str(text).replace(" :", "\xa0:") for text in form.errors.get("closes_on", [])] == said
