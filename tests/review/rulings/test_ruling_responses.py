"""Responses to verifications, rulings and complement requests, and the context of the complement page."""

from copy import deepcopy
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.utils import timezone

from intake.accounts.models import User
from intake.dossiers.services import AnonymisedError
from intake.review.access.errors import AnonymousReviewError
from intake.review.claims.operations import claim_file, release_claim
from intake.review.evidence.queries import confirmed_counts
from intake.review.models import Evidence
from intake.review.pages.labels import state_label
from intake.submissions.after_filing.operations import withdraw_submission
from intake.submissions.complements.operations import EmptyComplementError, complement_days
from intake.submissions.lifecycle.errors import OfferCancelledError
from intake.submissions.models import ComplementRequest, Ruling, Submission
from intake.submissions.questions.sections import asked_sections
from intake.submissions.rulings.queries import refused_positions
from intake.submissions.states import TABLE, Action, State
from intake.web import formats
from tests.factories.complements import WORDS, complement_content, request_complement_for
from tests.factories.decisions import make_batch
from tests.factories.offers import cancel_offer
from tests.factories.people import client_of, make_staff
from tests.factories.review import make_conflict, make_filed_for_review, make_reviewer, make_ruling
from tests.factories.submissions import make_open_offer
from tests.review.form_errors import error_codes
from tests.review.page_responses import page, redirect_of, refusing, url, view_context

pytestmark = pytest.mark.django_db

KEPT = "?_changelist_filters=etat%3DSUBMITTED"
AGE, DOMICILE = 1, 3  # positions in the demonstration's rulebook


@pytest.fixture(scope="module")
def made_reserved(module_db: None) -> tuple[Submission, Submission]:
    return make_filed_for_review(make_open_offer()), make_filed_for_review(
        make_open_offer(), domicile_province="ON", first_name="Ada"
    )


@pytest.fixture
def one(made_reserved: tuple[Submission, Submission]) -> Submission:
    """A filing with a review request on one finding."""
    return deepcopy(made_reserved[0])


@pytest.fixture
def two(made_reserved: tuple[Submission, Submission]) -> Submission:
    """A filing with a review request on two findings."""
    return deepcopy(made_reserved[1])


def with_plain_spaces(text: object) -> str:
    return str(text).replace("\u00a0", " ")


def number(file: Submission) -> str:
    assert file.standing_filing is not None
    return file.standing_filing.receipt.number


# -- Verifying ------------------------------------------------------------------------------------------------------
def verify(user: User, file: Submission, position: int, **changes: Any) -> Any:
    sent = {"outcome": "CONFIRMED", "note": "Vu.", "filing": file.standing_filing_id, "seen": 0} | changes
    return client_of(user).post(
        url("verify", file.public_id, position) + KEPT,
        {f"verification-{position}-{name}": value for name, value in sent.items()}
        | {name: changes[name] for name in ("prendre",) if name in changes},
    )


def test_each_verification_is_confirmed_with_the_number_of_confirmed_ones(
    filed: Submission, staff: User
) -> None:
    filing = filed.standing_filing
    assert filing is not None
    blocking = filing.verdict.blocking
    wanted = len(blocking)
    assert wanted > 2
    back = f"{url('file', filed.public_id)}{KEPT}#critere-"
    words = [
        f"Votre vérification est enregistrée : 1 constat sur {wanted} est confirmé.",
        f"Votre vérification est enregistrée : 2 constats sur {wanted} sont confirmés.",
    ]
    for position, said in zip(blocking, words, strict=False):
        assert redirect_of(verify(staff, filed, position)) == (
            f"{back}{position}",
            [("success", said)],
        )
    assert confirmed_counts(filing) == (2, wanted)
    kept = Evidence.objects.order_by("pk")[0]
    assert (kept.position, kept.outcome, kept.note, kept.author) == (blocking[0], "CONFIRMED", "Vu.", staff)
    contradicted = redirect_of(verify(staff, filed, blocking[2], outcome="CONTRADICTED", note="Né plus tôt."))
    assert contradicted[1] == [("success", words[1])]
    assert Evidence.objects.order_by("-pk")[0].outcome == "CONTRADICTED"


def test_a_refused_verification_is_displayed_with_its_reason(filed: Submission, staff: User) -> None:
    filing = filed.standing_filing
    assert filing is not None
    document = filing.documents.get(request__kind="CV")
    position = filing.verdict.blocking[0]

    def refused(**changes: Any) -> dict[str, list[str]]:
        answer = verify(staff, filed, position, **changes)
        assert answer.status_code == 422
        checks = view_context(answer)["checks"]
        form = checks.homeless or next(row.form for row in checks.rows if row.position == position)
        return error_codes(form)

    incomplete = with_plain_spaces(import_module("intake.review.pages.forms").INCOMPLETE)
    assert refused(filing=filing.pk + 1) == {"__all__": [incomplete]}
    assert refused(note="", document=document.pk, page=9) == {"page": ["Ce document a 1 page : inscrivez 1."]}
    assert refused(note="") == {
        "note": ["Choisissez un document et sa page, ou inscrivez ici ce qui établit le constat."],
    }
    holder = make_staff()
    claim = claim_file(submission=filed, actor=holder)
    held = with_plain_spaces(
        str(import_module("intake.review.claims.operations").FileClaimedError(claim=claim))
    )
    more = (
        "Votre texte est encore sur cette page : attendez que le dossier soit libéré, ou prenez-le en charge."
    )
    assert refused() == {"__all__": [f"{held} {more}"]}
    assert redirect_of(verify(staff, filed, position, prendre=holder.pk))[1][0][0] == "success"


# -- Ruling ---------------------------------------------------------------------------------------------------------
def rule(user: User, file: Submission, position: int, decision: str, **changes: Any) -> Any:
    sent = {"decision": decision, "reason": "Vu.", "filing": file.standing_filing_id, "seen": 0} | changes
    return client_of(user).post(
        url("rule", file.public_id, position) + KEPT,
        {f"constat-{position}-{name}": value for name, value in sent.items()},
    )


@pytest.mark.parametrize(
    "decision, withdrawn, words",
    [
        (
            "OVERTURNED",
            False,
            (
                "Révision terminée : vous pouvez mettre la candidature {} à l’étude. Un courriel l’annonce à la "
                "personne candidate, avec chaque motif."
            ),
        ),
        (
            "CONFIRMED",
            False,
            (
                "Votre décision est enregistrée. Une autre personne doit maintenant approuver la "
                "non-admissibilité ; rien n’est encore envoyé."
            ),
        ),
        (
            "OVERTURNED",
            True,
            (
                "Votre décision est enregistrée. La personne candidate s’est désistée : la candidature {} reste "
                "un désistement. Un courriel envoie chaque motif."
            ),
        ),
    ],
)
def test_the_last_ruling_is_confirmed_with_its_consequence(
    staff: User, one: Submission, decision: str, withdrawn: object, words: str
) -> None:
    file = one
    if withdrawn:
        withdraw_submission(submission=file, actor=file.candidate, reason="Autre projet.")
    back = f"{url('file', file.public_id)}{KEPT}#revision"
    said = [("success", words.format(number(file)))]
    assert redirect_of(rule(staff, file, AGE, decision)) == (back, said)
    kept = Ruling.objects.get()
    assert (kept.decision, kept.reason, kept.actor) == (decision, "Vu.", staff)
    assert redirect_of(rule(staff, file, AGE, decision)) == (back, said), (
        "a button pressed twice did what it says"
    )
    assert Ruling.objects.count() == 1


def test_a_refused_ruling_is_displayed_with_its_reason(staff: User, two: Submission) -> None:
    file = two
    filing = file.standing_filing
    assert filing is not None

    def refused(position: int = AGE, decision: str = "CONFIRMED", **changes: Any) -> dict[str, list[str]]:
        answer = rule(staff, file, position, decision, **changes)
        assert answer.status_code == 422
        seen = view_context(answer)
        forms = [row.form for row in seen["reserve"].findings if row.position == position]
        return error_codes(seen["homeless"] or forms[0])

    incomplete = with_plain_spaces(import_module("intake.review.pages.forms").INCOMPLETE)
    assert refused(filing=filing.pk + 1) == {"__all__": [incomplete]}
    assert refused(position=0) == {"__all__": ["Ce constat n’est pas à réviser. Rien n’est enregistré."]}
    assert refused(decision="") == {"decision": ["required"]}
    waiting = (
        "Votre décision est enregistrée. Critères à réviser encore : 1. Rien n’est encore envoyé à la "
        "personne candidate."
    )
    assert redirect_of(rule(staff, file, AGE, "OVERTURNED"))[1] == [("success", waiting)]
    first = Ruling.objects.get()
    other = make_staff()
    assert release_claim(submission=file, actor=staff)
    meanwhile = (
        f"{staff} a révisé ce critère le {formats.day(first.at)}, {formats.hour(first.at)}, pendant votre lecture. "
        "Cette décision est affichée ; la vôtre n’est pas enregistrée."
    )
    answer = rule(other, file, AGE, "CONFIRMED")
    forms = [row.form for row in view_context(answer)["reserve"].findings if row.position == AGE]
    assert error_codes(forms[0]) == {"__all__": [with_plain_spaces(meanwhile)]}
    for decision, reason in (("CONFIRMED", "Vu."), ("OVERTURNED", "Autre.")):
        again = rule(staff, file, AGE, decision, reason=reason)
        assert again.status_code == 422, "not what the same person sent before"
    assert Ruling.objects.count() == 1


@pytest.mark.parametrize(
    "refusal, words",
    [
        (
            "ComplementOpenError",
            "Un complément est demandé, et la personne candidate a encore le temps de répondre",
        ),
        ("StaleSubmissionError", "La personne candidate a remplacé son dépôt pendant votre lecture"),
    ],
)
def test_a_ruling_on_a_file_changed_meanwhile_is_explained(
    staff: User, one: Submission, monkeypatch: pytest.MonkeyPatch, refusal: str, words: str
) -> None:
    errors = import_module("intake.submissions.lifecycle.errors")
    given: dict[str, dict[str, Any]] = {
        "ComplementOpenError": {"action": Action.FIND_INADMISSIBLE, "due_at": timezone.now()},
        "StaleSubmissionError": {"state": State.SUBMITTED},
    }
    monkeypatch.setattr(
        page("application_page.findings"),
        "rule_as_reviewer",
        refusing(getattr(errors, refusal)(**given[refusal])),
    )
    answer = rule(staff, one, AGE, "CONFIRMED")
    (form,) = [row.form for row in view_context(answer)["reserve"].findings if row.position == AGE]
    ((said,),) = error_codes(form).values()
    assert (answer.status_code, said.startswith(words)) == (422, True)


# -- Requesting a complement -------------------------------------------------------------------------------------------
def test_the_complement_page_starts_from_the_open_request(filed: Submission, staff: User) -> None:
    client, address = client_of(staff), url("complement", filed.public_id)
    first = view_context(client.get(address + KEPT))
    form = first.pop("form")
    usual = complement_days(filed.offer, at=first["now"]).usual
    assert form.initial == {"version": filed.version, "despite": None, "due_on": usual}
    assert first == {
        "title": TABLE[Action.REQUEST_COMPLEMENT].label,
        "submission": filed,
        "number": number(filed),
        "name": filed.filed_name,
        "back_url": url("file", filed.public_id) + KEPT,
        "target": state_label(State.COMPLEMENT_REQUESTED),
        "open": None,
        "now": first["now"],
        "letter": None,
        "before": "",
        "english": "",
        "after": "",
        "send": "envoyer",
        "awaited": None,
    }
    batch = make_batch(filed, action=Action.FIND_INADMISSIBLE, word="Rien reçu.")
    item = batch.items.get()
    told = view_context(client.get(address))
    assert (told["form"].initial["despite"], told["awaited"]) == (item.pk, item)
    asked = request_complement_for(filed, sections=["etudes"])
    again = view_context(client.get(address))
    assert again["open"] == asked
    assert {name: again["form"].initial[name] for name in ("words", "documents", "sections")} == {
        "words": WORDS,
        "documents": [row.pk for row in asked.documents.all()],
        "sections": ["etudes"],
    }
    assert again["form"].initial["version"] == filed.version


def test_a_complement_request_is_previewed_then_sent_once(filed: Submission, staff: User) -> None:
    client, address = client_of(staff), url("complement", filed.public_id) + KEPT
    asked = complement_content(filed)
    typed = {
        "words": f" {WORDS} ",
        "documents": [row.pk for row in asked.documents],
        "sections": ["etudes", "langues"],
        "due_on": asked.due_on.isoformat(),
        "version": filed.version,
    }
    read = client.post(address, typed)
    seen = view_context(read)
    assert read.status_code == 200
    assert seen["before"] + seen["english"] + seen["after"] == seen["letter"].text
    assert WORDS[:30] in seen["before"].replace("\n", " ")
    said = with_plain_spaces(seen["letter"].text)
    named = {
        section.key for section in asked_sections(filed.offer) if with_plain_spaces(section.title) in said
    }
    assert named == {"etudes", "langues"}
    assert all(row.label in said for row in asked.documents)
    assert with_plain_spaces(formats.day(asked.due_on)) in said.replace("\n", " ")
    digest = seen["form"].data["letter"]
    send = typed | {"letter": digest, "acte": "envoyer"}
    changed = client.post(address, send | {"words": "Autre chose."})
    changed_words = "Le courriel a changé depuis votre lecture. Voici sa version actuelle."
    assert (changed.status_code, error_codes(view_context(changed)["form"])) == (
        422,
        {"__all__": [changed_words]},
    )
    assert view_context(changed)["form"].data["letter"] != digest
    done = client.post(address, send)
    made = ComplementRequest.objects.get()
    made.submission = filed
    until = with_plain_spaces(formats.closing(made.closing))
    words = f"Nous envoyons la demande par courriel. La personne candidate peut répondre jusqu’au {until}."
    where = (url("file", filed.public_id) + KEPT, [("success", words)])
    assert redirect_of(done) == where
    assert (made.words, made.sections, made.asked_by) == (WORDS, ["etudes", "langues"], staff)
    assert redirect_of(client.post(address, send)) == where, "pressed twice, it is asked once"
    assert ComplementRequest.objects.count() == 1
    later = (asked.due_on + timedelta(days=1)).isoformat()
    others: list[dict[str, Any]] = [
        {"words": "Autre."},
        {"sections": ["etudes"]},
        {"due_on": later},
        {"documents": []},
    ]
    for other in others:
        again = client.post(address, typed | other)
        sent = typed | other | {"letter": view_context(again)["form"].data["letter"], "acte": "envoyer"}
        answer = client.post(address, sent)
        assert answer.status_code == 422, other
        assert (
            "Une autre personne a changé l’état de cette candidature"
            in error_codes(view_context(answer)["form"])["__all__"][0]
        )
        filed.refresh_from_db()
        assert view_context(answer)["form"].data["version"] == filed.version
    somebody = client_of(make_staff())
    digest = view_context(somebody.post(address, typed))["form"].data["letter"]
    assert somebody.post(address, send | {"letter": digest}).status_code == 422, "asked by another person"
    assert ComplementRequest.objects.count() == 1


@pytest.mark.parametrize(
    "refusal, said",
    [
        (AnonymisedError(), "Les renseignements déposés sont effacés : il n’y a plus d’adresse pour écrire."),
        (OfferCancelledError(), with_plain_spaces(str(OfferCancelledError()))),
    ],
    ids=["AnonymisedError", "OfferCancelledError"],
)
def test_a_late_complement_request_redirects_with_the_reason(
    filed: Submission, staff: User, monkeypatch: pytest.MonkeyPatch, refusal: Exception, said: str
) -> None:
    answer = _sent_while(filed, staff, monkeypatch, refusal)
    assert redirect_of(answer) == (url("file", filed.public_id), [("error", said)])


def test_an_empty_complement_request_is_refused_on_its_page(
    filed: Submission, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = _sent_while(filed, staff, monkeypatch, EmptyComplementError())
    said = (
        "La demande ne contient ni document ni section : la personne candidate ne pourrait rien changer. "
        "Rien n’a changé."
    )
    assert (answer.status_code, error_codes(view_context(answer)["form"])) == (422, {"__all__": [said]})


def _sent_while(filed: Submission, staff: User, monkeypatch: pytest.MonkeyPatch, refusal: Exception) -> Any:
    """Read a request, then send it; its operation raises `refusal`."""
    client, address = client_of(staff), url("complement", filed.public_id)
    asked = complement_content(filed)
    typed = {
        "words": WORDS,
        "documents": [row.pk for row in asked.documents],
        "due_on": asked.due_on.isoformat(),
        "version": filed.version,
    }
    digest = view_context(client.post(address, typed))["form"].data["letter"]
    monkeypatch.setattr(page("complements.views"), "request_complement_as_reviewer", refusing(refusal))
    return client.post(address, typed | {"letter": digest, "acte": "envoyer"})


def test_each_reason_against_a_complement_request_has_its_message(filed: Submission, staff: User) -> None:
    why_not, complement_url = (
        page("complements.views").complement_refusal_message,
        page("complements.views").complement_url,
    )
    at = timezone.now()

    def row(file: Submission = filed, *, blind: bool = False) -> Submission:
        found = Submission.objects.select_related("offer", "standing_filing__seal", "candidate").get(
            pk=file.pk
        )
        vars(found)["is_blind"] = blind
        return found

    def said(file: Submission) -> str:
        return with_plain_spaces(why_not(file, at=at))

    assert said(row()) == ""
    address = url("complement", filed.public_id)
    assert complement_url(staff, row(), at=at) == address
    assert complement_url(filed.candidate, row(), at=at) == ""
    assert complement_url(make_reviewer(filed.offer), row(), at=at) == address
    assert said(row(blind=True)) == with_plain_spaces(str(AnonymousReviewError()))
    state = "L’état de cette candidature ne permet pas de demander un complément."
    listed, upheld = row(), row()
    listed.state, upheld.reserve = State.SHORTLISTED, "UPHELD"
    assert (said(listed), said(upheld)) == (state, state)
    erased, closed, none = row(), row(), row()
    assert erased.standing_filing is not None
    erased.standing_filing.seal.canonical = None
    closed.candidate.is_active = False
    none.standing_filing = None
    gone = "Les renseignements déposés sont effacés : il n’y a plus d’adresse pour écrire."
    assert (said(erased), said(none)) == (gone, gone)
    assert said(closed) == "Le compte de la personne candidate est fermé : elle ne recevrait pas la demande."
    soon = row()
    soon.offer.starts_on = timezone.now().date() + timedelta(days=1)
    assert said(soon) == "Le stage commence trop tôt : il reste moins de 48 heures pour répondre."
    cancel_offer(offer=filed.offer, author=make_staff(), reason="Fin.", at=at)
    assert said(row()) == "L’offre est annulée : il n’y a plus rien à demander."
    assert redirect_of(client_of(staff).get(address)) == (
        url("file", filed.public_id),
        [("error", "L’offre est annulée : il n’y a plus rien à demander.")],
    )


def test_the_resume_page_announces_its_mail_while_an_answer_is_possible(
    filed: Submission, staff: User
) -> None:
    request_complement_for(filed)
    seen = view_context(client_of(staff).get(url("move", filed.public_id, "resume")))
    assert with_plain_spaces(seen["tells"]) == (
        "La personne candidate a encore le temps de répondre. Un courriel lui annonce que le "
        "complément n’est plus attendu, sans votre motif."
    )
    cancel_offer(offer=filed.offer, author=make_staff(), reason="Fin.", at=timezone.now())
    assert view_context(client_of(staff).get(url("move", filed.public_id, "resume")))["tells"] == ""


def test_the_message_counts_the_findings_left_to_rule_on(staff: User, two: Submission) -> None:
    file = two
    filing = file.standing_filing
    assert filing is not None
    verdict = import_module("intake.dossiers.services").read_seal(filing.seal).verdict
    assert sorted(refused_positions(verdict)) == [AGE, DOMICILE]
    make_ruling(file, AGE, Ruling.Decision.CONFIRMED)
    words = page("application_page.findings")._settled_message(Submission.objects.get(pk=file.pk), filing)
    assert "Critères à réviser encore" in with_plain_spaces(words)
    make_conflict(file, staff)
    assert rule(staff, file, DOMICILE, "CONFIRMED").status_code == 404
