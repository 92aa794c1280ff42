"""Registrations of `review` in the apps below it at start: jobs, mails, and conflict and visibility checks."""

from functools import partial

import pytest
from django.apps import apps

from intake.journal import selectors
from intake.outbox import kinds
from intake.outbox.messages import send_letter
from intake.register import services as register_services
from intake.review.access import impartiality
from intake.review.access import visibility as review_visibility
from intake.review.access.search import entries_about_matches
from intake.review.apps import ReviewConfig
from intake.review.assignment import notify_members
from intake.review.audit import journal_visibility
from intake.review.bulk import operations
from intake.review.decisions import letters, notify_other_offers, sending
from intake.review.evidence import notify_contradiction, register_recheck
from intake.review.exports import orders
from intake.submissions.filing.arrivals import many_wait
from intake.submissions.offer_changes import impact
from offers import registrations

JOBS = {
    "bulk_run": (operations.do_bulk_run, "mail", "Action sur plusieurs candidatures"),
    "DECISIONS": (sending.send_decisions, "documents", "Annonce d’un lot de décisions"),
    "EXPORT": (orders.write_order, "exports", "Fichier d’une liste de présélection"),
    "EXPORT_REMOVAL": (orders.remove_order, "exports", "Retrait d’un fichier exporté"),
    "REGISTER_SCAN": (register_recheck.scan_register, "mail", "Candidatures comparées au registre"),
}
MAILS = {
    "ASSIGNED_MAIL": (
        notify_members.compose_assigned,
        notify_members.is_obsolete,
        "Dossiers attribués à un membre",
    ),
    "DECISION_MAIL": (
        letters.compose_decision,
        letters.is_resend_obsolete,
        "Décision sur une candidature",
    ),
    "SELECTED_ELSEWHERE_MAIL": (
        notify_other_offers.compose_notice,
        notify_other_offers.is_obsolete,
        "Personne retenue pour une autre offre",
    ),
    "SELECTION_TAKEN_BACK_MAIL": (
        notify_other_offers.compose_notice,
        notify_other_offers.is_obsolete,
        "Personne qui n’est plus retenue pour une autre offre",
    ),
    "CONTRADICTED_MAIL": (
        notify_contradiction.compose_contradicted,
        notify_contradiction.is_obsolete,
        "Constat contredit d’une personne retenue",
    ),
}


@pytest.mark.parametrize("code", JOBS)
def test_a_job_is_registered_with_its_function_and_queue(code: str) -> None:
    kind = kinds.get(code)
    assert (kind.handler, kind.queue, str(kind.label)) == JOBS[code]
    assert (kind.every, kind.comes_first) == (None, False)


def test_only_exports_wait_while_many_arrivals_do() -> None:
    assert [code for code in (*JOBS, *MAILS) if kinds.get(code).is_held is many_wait] == ["EXPORT"]


@pytest.mark.parametrize("code", MAILS)
def test_a_mail_is_composed_by_its_function_unless_obsolete(code: str) -> None:
    kind = kinds.get(code)
    sends = kind.handler
    assert isinstance(sends, partial)
    assert sends.func is send_letter
    assert (*sends.args, sends.keywords["is_obsolete"], str(kind.label)) == MAILS[code]
    assert (kind.queue, kind.every, kind.comes_first) == ("mail", None, False)


def test_lower_apps_have_the_visibility_and_conflict_checks_of_the_review() -> None:
    assert isinstance(apps.get_app_config("review"), ReviewConfig)
    assert entries_about_matches in selectors._finders
    assert journal_visibility.hidden_subjects in selectors._hiders
    assert journal_visibility.hidden_entries in selectors._entry_hiders
    assert impartiality.lacks_impartiality in registrations._conflict_checks
    assert (review_visibility.visible_submissions, "review:file") in impact._readers
    assert register_recheck.post_register_scan in register_services._listeners
