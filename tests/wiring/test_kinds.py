"""Which deliveries come first, which wait, and what is stored of them; lookups that no page shows the lack of."""

from datetime import timedelta

from intake.dossiers.receipts import verifying
from intake.journal import selectors
from intake.outbox import kinds
from intake.register import services as register_services
from intake.review import delivery_kinds as review_kinds
from intake.review.access.impartiality import lacks_impartiality
from intake.review.access.search import entries_about_matches
from intake.review.audit import journal_visibility
from intake.review.evidence.register_recheck import post_register_scan
from intake.submissions import delivery_kinds
from intake.submissions.filing.arrivals import many_wait
from intake.submissions.lifecycle.participation import completed_participants
from intake.submissions.offer_changes.impact import reevaluate_submissions
from intake.submissions.receipts import queries
from intake.transparency.services import receipts
from offers import impact, registrations


def test_only_drawn_files_wait_while_many_arrivals_do() -> None:
    held = {kind.code for kind in kinds.registered() if kind.is_held is many_wait}
    assert held == {"RECEIPT_PDF", "RECEIPT_PDF_IN_ENGLISH", "DOSSIER", "DOSSIER_PAGES", "EXPORT"}


def test_only_receipts_have_priority_over_other_deliveries() -> None:
    assert {kind.code for kind in kinds.registered() if kind.comes_first} == {"RECEIPT_MAIL", "PUBLIC_LOG"}


def test_a_kind_for_which_a_person_waits_is_not_behind_the_drawn_files() -> None:
    assert kinds.get("UPLOAD").queue == kinds.get("JOIN").queue == "uploads"
    assert kinds.get("bulk_run").queue == "mail"
    assert (kinds.get("ARRIVALS").queue, kinds.get("ARRIVALS").every) == ("filings", timedelta(seconds=1))
    drawn = {kinds.get(code).queue for code in ("RECEIPT_PDF", "DOSSIER", "EXPORT")}
    assert drawn == {"receipts", "documents", "exports"}


def test_each_kind_of_delivery_keeps_its_stored_code() -> None:
    for module in (delivery_kinds, review_kinds):
        codes = {name: value for name, value in vars(module).items() if name.isupper()}
        assert codes == {name: name for name in codes}
        assert all(kinds.get(code) for code in codes)


def test_each_round_of_rulings_has_its_own_key() -> None:
    keys = [delivery_kinds.rulings_key("OE-1", turn) for turn in (1, 2, 10)]
    assert keys == ["OE-1", "OE-1/2", "OE-1/10"]
    assert [delivery_kinds.round_in_key(key) for key in keys] == [1, 2, 10]


def test_the_providers_for_lower_packages_are_registered() -> None:
    assert queries.find_statement in verifying._lookups
    assert completed_participants in register_services._sources
    assert post_register_scan in register_services._listeners
    assert isinstance(receipts(), queries.ReceiptLogSource)
    assert reevaluate_submissions in impact._providers
    assert lacks_impartiality in registrations._conflict_checks
    assert entries_about_matches in selectors._finders
    assert journal_visibility.hidden_subjects in selectors._hiders
    assert journal_visibility.hidden_entries in selectors._entry_hiders
