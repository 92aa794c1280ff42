"""The receipt's page in each state of its submission: title, first sentences, and the steps that follow."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from lxml import html

from intake.dossiers.services import read_seal
from intake.submissions.models import Receipt, Ruling, Submission
from intake.submissions.rulings.queries import refused_positions
from tests.factories.offers import mark_cancelled
from tests.factories.people import client_of
from tests.factories.review import make_filed_for_review, make_ruling, make_signed_receipt
from tests.factories.submissions import make_open_offer
from tests.submissions import situations
from tests.submissions.filed_pages import amend, page_of, submission_of
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
    "after the closing": Variant(
        situations.close,
        FILED,
        (OVER, *THEN),
        (NOTHING_ELSE, "Les inscriptions ont fermé le", WITHDRAW),
        (AMEND, "vous pouvez modifier"),
    ),
    "review in favour": Variant(
        _reviewed("OVERTURNED"),
        FILED,
        ("Révision par une personne: Terminé", OPEN, *THEN),
        ("La décision vous est favorable.", "Le comité étudie ensuite chaque dossier."),
        ("révision demandée",),
    ),
    "amendment begun": Variant(
        amend,
        FILED,
        ("Date limite d’inscription: À faire", *THEN),
        (
            "Votre modification n’est pas encore déposée",
            "Déposez votre modification d’ici là, ou abandonnez-la.",
        ),
        ("rien n’est encore déposé", NOTHING_ELSE, AMEND),
    ),
    "complement begun": Variant(
        situations.begin_answer,
        FILED,
        ("Répondez au complément demandé: À faire", OPEN, *THEN),
        ("Votre réponse au complément n’est pas déposée", "Continuer ma réponse"),
        (NOTHING_ELSE, AMEND),
    ),
    "complement overdue": Variant(
        situations.leave_complement_unanswered,
        FILED,
        ("Complément: Délai passé", OVER, *THEN),
        ("Le délai du complément est passé", "Nous décidons d’après le dépôt n°"),
        ("Continuer ma réponse", NOTHING_ELSE),
    ),
    "cancelled offer": Variant(
        lambda receipt: mark_cancelled(submission_of(receipt).offer_id),
        FILED,
        (),
        ("L’offre est annulée. Ce que vous avez déposé est conservé.",),
        ("Et maintenant", "Merci", AMEND),
    ),
    "new submission begun": Variant(
        situations.withdraw_then_begin,
        WITHDRAWN,
        (),
        ("Votre nouveau dépôt n’est pas terminé", "Continuer mon nouveau dépôt", "Garder mon désistement"),
        ("définitif", AGAIN),
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


def test_the_page_with_the_receipt_s_code_takes_no_text_from_its_address(receipt: Receipt) -> None:
    client, page = client_of(submission_of(receipt).candidate), page_of("receipt", receipt)
    asked = client.get(page, {"x": "guess"}, headers={"accept-encoding": "gzip"})
    assert (asked.status_code, asked.headers["Location"]) == (302, page)
