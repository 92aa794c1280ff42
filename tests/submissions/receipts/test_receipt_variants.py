"""The receipt's page in each state of its submission: title, first sentences, and the steps that follow."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.urls import reverse
from lxml import html

from intake.dossiers.services import read_seal
from intake.submissions.models import Receipt, Ruling, Submission
from intake.submissions.rulings.queries import refused_positions
from intake.submissions.states import State
from tests.factories.complements import (
    close_after_filings,
    expire_request,
    file_answer,
    request_complement_for,
    resume_without_complement,
    start_answer,
)
from tests.factories.decisions import confirm
from tests.factories.offers import mark_cancelled
from tests.factories.people import client_of, make_staff
from tests.factories.review import make_filed_for_review, make_ruling, make_signed_receipt
from tests.factories.submissions import make_extension, make_filing, make_open_offer
from tests.submissions.filed_pages import amend, page_of, submission_of, withdraw
from tests.submissions.sent_mails import with_plain_spaces

pytestmark = pytest.mark.django_db

type Make = Callable[[Receipt], object]


@dataclass(frozen=True)
class Variant:
    """How a variant is made from a receipt, and what its page states. A step is its title and its state in words."""

    make: Make
    title: str
    steps: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    unsaid: tuple[str, ...] = ()


def _as_filed(_receipt: Receipt) -> None:
    """Change nothing."""


def _in_state(state: State) -> Make:
    def make(receipt: Receipt) -> None:
        Submission.objects.filter(pk=receipt.filing.submission_id).update(state=state)

    return make


def _selected(receipt: Receipt) -> None:
    confirm(submission_of(receipt))
    _in_state(State.SELECTED)(receipt)


def _closed(receipt: Receipt) -> None:
    close_after_filings(submission_of(receipt).offer)


def _amending(receipt: Receipt) -> None:
    amend(receipt)


def _amended_too_late(receipt: Receipt) -> None:
    amend(receipt)
    _closed(receipt)


def _cancelled(receipt: Receipt) -> None:
    mark_cancelled(submission_of(receipt).offer_id)


def _with_more_time(receipt: Receipt) -> None:
    submission = submission_of(receipt)
    make_extension(submission.offer, submission.candidate)


def _incomplete(receipt: Receipt) -> None:
    _closed(receipt)
    request_complement_for(submission_of(receipt))


def _answering(receipt: Receipt) -> None:
    _incomplete(receipt)
    start_answer(submission_of(receipt))


def _answered(receipt: Receipt) -> None:
    _incomplete(receipt)
    file_answer(submission_of(receipt))


def _unanswered(receipt: Receipt) -> None:
    submission = submission_of(receipt)
    expire_request(request_complement_for(submission))
    _closed(receipt)


def _resumed(receipt: Receipt) -> None:
    _incomplete(receipt)
    resume_without_complement(submission=submission_of(receipt), actor=make_staff(), reason="Lisible.")


def _withdrawn_and_closed(receipt: Receipt) -> None:
    _closed(receipt)
    withdraw(receipt)


def _withdrawn_and_begun(receipt: Receipt) -> None:
    withdraw(receipt)
    amend(receipt)


def _for_review(_receipt: Receipt) -> Submission:
    return make_filed_for_review(make_open_offer())


def _reviewed(decision: str) -> Make:
    def make(receipt: Receipt) -> Submission:
        submission = _for_review(receipt)
        assert submission.standing_filing is not None
        (position,) = refused_positions(read_seal(submission.standing_filing.seal).verdict)
        return make_ruling(submission, position, Ruling.Decision(decision))

    return make


OPEN, OVER = "Date limite d’inscription: En cours", "Date limite d’inscription: Terminé"
STUDY, SELECTION, DECISION = "Étude par le comité: ", "Sélection: ", "Décision: "
THEN = (STUDY, SELECTION, DECISION)
FILED, WITHDRAWN, RECEIPT = "Candidature déposée", "Désistement enregistré", "Accusé de réception"
NOTHING_ELSE = "Vous n’avez rien d’autre à faire."
AMEND, WITHDRAW, AGAIN = (
    "Modifier ma candidature",
    "Me désister de cette candidature",
    "Faire un nouveau dépôt",
)

VARIANTS = {
    "filed": Variant(
        _as_filed,
        FILED,
        (OPEN, *THEN),
        ("Votre candidature est entre nos mains.", NOTHING_ELSE, AMEND, WITHDRAW, "vous pouvez modifier"),
        ("révision", "nouveau dépôt"),
    ),
    "after the closing": Variant(
        _closed,
        FILED,
        (OVER, *THEN),
        (NOTHING_ELSE, "Les inscriptions ont fermé le", WITHDRAW),
        (AMEND, "vous pouvez modifier"),
    ),
    "personal deadline": Variant(
        _with_more_time,
        FILED,
        ("Date limite personnelle: En cours", *THEN),
        ("Votre date limite personnelle est le", AMEND),
        ("délai personnel",),
    ),
    "review requested": Variant(
        _for_review,
        "Candidature déposée, révision demandée",
        ("Une personne révise le résultat: En cours", OPEN, *THEN),
        (
            "Votre candidature est reçue à temps.",
            "Le comité étudie votre dossier seulement si la révision vous est favorable.",
            NOTHING_ELSE,
        ),
        ("sous réserve", "Le comité étudie ensuite chaque dossier."),
    ),
    "review in favour": Variant(
        _reviewed("OVERTURNED"),
        FILED,
        ("Révision par une personne: Terminé", OPEN, *THEN),
        ("La décision vous est favorable.", "Le comité étudie ensuite chaque dossier."),
        ("révision demandée", "seulement si"),
    ),
    "review against": Variant(
        _reviewed("CONFIRMED"),
        RECEIPT,
        (),
        ("Votre candidature n’est pas admissible. Notre message est dans le suivi.", "Non admissible"),
        ("Et maintenant", "réserve maintenue", AMEND),
    ),
    "amendment begun": Variant(
        _amending,
        FILED,
        ("Date limite d’inscription: À faire", *THEN),
        (
            "Votre modification n’est pas encore déposée",
            "reste valide tant que vous ne l’avez pas remplacé",
            "Déposez votre modification d’ici là, ou abandonnez-la.",
        ),
        ("rien n’est encore déposé", NOTHING_ELSE, AMEND, "reste valable"),
    ),
    "amendment not submitted": Variant(
        _amended_too_late,
        FILED,
        (OVER, *THEN),
        ("Votre modification n’a pas été déposée.", "reste valide."),
        ("qui vaut", AMEND, "Abandonner cette modification"),
    ),
    "complement asked": Variant(
        _incomplete,
        FILED,
        ("Répondez au complément demandé: À faire", OVER, *THEN),
        ("Un complément vous est demandé", "Déposez votre réponse au plus tard le"),
        (NOTHING_ELSE, AMEND),
    ),
    "complement begun": Variant(
        _answering,
        FILED,
        ("Répondez au complément demandé: À faire", OVER, *THEN),
        ("Votre réponse au complément n’est pas déposée", "Continuer ma réponse"),
        (NOTHING_ELSE, AMEND),
    ),
    "complement filed": Variant(
        _answered,
        "Complément déposé",
        ("Complément: Terminé", OVER, *THEN),
        ("Votre complément est entre nos mains.", "Votre réponse est reçue.", "Remplace le dépôt n°"),
        ("Un complément vous est demandé",),
    ),
    "complement overdue": Variant(
        _unanswered,
        FILED,
        ("Complément: Délai passé", OVER, *THEN),
        ("Le délai du complément est passé", "Nous décidons d’après le dépôt n°"),
        ("Continuer ma réponse", NOTHING_ELSE),
    ),
    "study resumed without complement": Variant(
        _resumed,
        FILED,
        ("Complément: Terminé", OVER, *THEN),
        ("L’étude reprend sans complément.",),
        ("Un complément vous est demandé",),
    ),
    "under review": Variant(
        _in_state(State.UNDER_REVIEW),
        FILED,
        (OPEN, "Étude par le comité: En cours", SELECTION, DECISION),
        ("Le comité étudie votre dossier.", NOTHING_ELSE, AMEND),
    ),
    "invited to an interview": Variant(
        _in_state(State.INTERVIEW),
        FILED,
        (OPEN, "Étude par le comité: Terminé", "Entrevue: À faire", DECISION),
        ("Nous vous convoquons à une entrevue.", "répondez-y", WITHDRAW),
        (AMEND, NOTHING_ELSE, "vous pouvez modifier"),
    ),
    "reserve list": Variant(
        _in_state(State.RESERVE),
        FILED,
        (OPEN, "Étude par le comité: Terminé", "Sélection: Terminé", "Liste de réserve: En cours"),
        ("Nous vous écrivons si une place se libère.", "La sélection est terminée.", WITHDRAW),
        (AMEND, "Des entrevues suivent"),
    ),
    "selected": Variant(
        _selected,
        RECEIPT,
        (),
        ("Votre candidature est retenue", WITHDRAW),
        ("Et maintenant", "Merci", AMEND),
    ),
    "declined": Variant(
        _in_state(State.DECLINED),
        RECEIPT,
        (),
        ("Votre candidature n’est pas retenue. Notre message est dans le suivi.", "Candidature non retenue"),
        ("Et maintenant", "Merci", AMEND, WITHDRAW),
    ),
    "inadmissible": Variant(
        _in_state(State.INADMISSIBLE),
        RECEIPT,
        (),
        ("Votre candidature n’est pas admissible. Notre message est dans le suivi.", "Non admissible"),
        ("Et maintenant", "Merci", AMEND, WITHDRAW),
    ),
    "cancelled offer": Variant(
        _cancelled,
        FILED,
        (),
        ("L’offre est annulée. Ce que vous avez déposé est conservé.",),
        ("Et maintenant", "Merci", AMEND),
    ),
    "withdrawn": Variant(
        withdraw,
        WITHDRAWN,
        (),
        ("Le comité n’étudie plus votre candidature.", "Un courriel vous le confirme.", AGAIN, "jusqu’au"),
        ("Et maintenant", "définitif", "Reprendre", "désistée", WITHDRAW),
    ),
    "withdrawn after the closing": Variant(
        _withdrawn_and_closed,
        WITHDRAWN,
        (),
        ("Ce désistement est définitif.", NOTHING_ELSE),
        (AGAIN, "Vous avez changé d’avis"),
    ),
    "new submission begun": Variant(
        _withdrawn_and_begun,
        WITHDRAWN,
        (),
        (
            "Votre nouveau dépôt n’est pas terminé",
            "Votre désistement tient tant que vous n’avez pas déposé de nouveau",
            "Continuer mon nouveau dépôt",
            "Garder mon désistement",
        ),
        ("définitif", AGAIN, "reprise"),
    ),
}


def _page(receipt: Receipt, made: object) -> html.HtmlElement:
    submission = made if isinstance(made, Submission) else submission_of(receipt)
    answer = client_of(submission.candidate).get(page_of("receipt", submission))
    assert answer.status_code == 200
    return html.document_fromstring(answer.content.decode())


def _words(element: html.HtmlElement) -> str:
    return with_plain_spaces(element.text_content())


def _steps(page: html.HtmlElement) -> tuple[str, ...]:
    return tuple(
        f"{_words(row.find('strong'))}: {''.join(_words(each) for each in row.find_class('state'))}"
        for row in page.xpath("//ol[contains(@class, 'next-steps')]/li")
    )


@pytest.mark.parametrize("name", VARIANTS)
def test_the_page_of_a_receipt_states_its_variant(name: str, receipt: Receipt) -> None:
    variant = VARIANTS[name]
    made = variant.make(receipt)
    page = _page(receipt, made)
    assert _words(page.find(".//h1")) == variant.title
    assert page.find(".//title").text_content().startswith(variant.title)
    assert _steps(page) == variant.steps
    text = _words(page.find(".//main"))
    assert [said for said in variant.said if said not in text] == []
    assert [unsaid for unsaid in variant.unsaid if unsaid in text] == []
    assert bool(page.find_class("proof-tick")) == (variant.title not in {RECEIPT, WITHDRAWN}), (
        "until its decision"
    )
    make_signed_receipt(made if isinstance(made, Submission) else submission_of(receipt))
    assert len(_page(receipt, made).find_class("btn-primary")) == 1


def test_the_steps_give_the_texts_and_dates_of_the_offer(receipt: Receipt) -> None:
    offer = submission_of(receipt).offer
    text = _words(_page(receipt, None).find_class("next-steps")[0])
    assert with_plain_spaces(str(offer.programme.words.next_steps)) in text
    assert f"Stage : du {offer.starts_on.day}" in text
    assert str(offer.ends_on.year) in text


def test_digests_and_the_verification_code_are_folded(receipt: Receipt) -> None:
    page = _page(receipt, None)
    folded = page.xpath("//details[not(@open)]//code/text()")
    assert folded == [row["sha256"] for row in _documents(receipt)]
    assert len(folded) > 0
    assert not page.xpath("//code[not(ancestor::details)]")
    (code,) = page.xpath("//dt[contains(., 'Code de vérification')]/ancestor::details")
    assert code.get("open") is None


def _documents(receipt: Receipt) -> list[dict[str, str]]:
    rows = receipt.filing.documents.order_by("request__position").select_related("upload")
    return [{"sha256": row.upload.sha256} for row in rows]


def test_the_page_with_the_receipt_s_code_takes_no_text_from_its_address() -> None:
    filed = submission_of(make_filing())
    browser, page = client_of(filed.candidate), reverse("submissions:receipt", args=[filed.public_id])
    asked = browser.get(page, {"x": "guess"}, headers={"accept-encoding": "gzip"})
    assert (asked.status_code, asked.headers["Location"]) == (302, page)
    shown = browser.get(page, headers={"accept-encoding": "gzip"})
    assert shown.headers["Content-Encoding"] == "gzip"
    assert "no-store" in shown.headers["Cache-Control"]
