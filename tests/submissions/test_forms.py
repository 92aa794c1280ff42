"""Forms of a draft, of withdrawing and of a personal extension: what they accept, and what they ask."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation
from django.utils.datastructures import MultiValueDict

from intake.profiles.forms import AnswersForm
from intake.profiles.question_kinds import declared_questions
from intake.submissions.after_filing.forms import WithdrawalForm
from intake.submissions.attachments.forms import UploadForm
from intake.submissions.extensions.forms import PersonalExtensionForm
from intake.submissions.questions.forms import AttestationsForm, restrict_form
from offers.models import Offer


def test_an_empty_upload_passes_the_form_to_reach_the_inspection() -> None:
    form = UploadForm({}, MultiValueDict({"file": [SimpleUploadedFile("vide.pdf", b"")]}))
    assert form.is_valid()


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


# -- Questions asked ------------------------------------------------------------------------------------------------
def _field_names(form: type[AnswersForm]) -> list[str]:
    return [*form().fields]


def test_a_restricted_form_has_only_its_questions_with_languages_first() -> None:
    form = restrict_form(
        AttestationsForm,
        frozenset({"attests_skills", "attests_writing_en", "attests_writing_pt", "attests_writing_es"}),
    )
    assert _field_names(form) == [
        "attests_writing_en",
        "attests_writing_es",
        "attests_writing_pt",
        "attests_skills",
    ]
    assert [*declared_questions(form)] == _field_names(form)
    assert form.__name__ == "AttestationsForm"
    assert issubclass(form, AttestationsForm)
    assert "en espagnol" in str(form.base_fields["attests_writing_es"].label)
