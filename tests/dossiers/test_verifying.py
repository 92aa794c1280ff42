"""An unauthenticated user verifies a receipt by file or by code; the page reveals no personal data."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from intake.documents.models import Upload
from intake.dossiers.models import SignedReceipt
from intake.dossiers.receipts import building, verifying
from intake.dossiers.receipts.building import build_receipt
from intake.dossiers.receipts.receipt_file import (
    MAX_BYTES,
    Problem,
    UnreadableReceiptError,
    make_json_receipt,
    statement_of_json_receipt,
)
from intake.dossiers.receipts.verifying import Answer, Outcome, verify_file, verifying_address
from intake.dossiers.services import AlteredError, read_seal
from intake.outbox.models import Delivery
from intake.signing.keys import to_low_s
from intake.signing.services import current_key, sign
from intake.submissions.delivery_kinds import RECEIPT_PDF, RECEIPT_PDF_IN_ENGLISH
from intake.submissions.models import Receipt
from intake.submissions.receipts.operations import make_receipt
from intake.submissions.receipts.queries import statement_of
from tests.dossiers.in_process import read_in_process
from tests.dossiers.test_verify_command import run
from tests.factories import receipts
from tests.factories.payloads import payload, seal_payload
from tests.factories.submissions import ALL_DECLARATIONS, make_draft, make_filing

pytestmark = pytest.mark.django_db
PAGE = "/verifier/"


@pytest.fixture(autouse=True)
def read_here() -> Iterator[None]:
    """Read in this process, and reset the rate limits: these tests check the responses."""
    cache.clear()
    with read_in_process():
        yield


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw every receipt as the same page: other tests check its content."""
    monkeypatch.setattr(building, "render_receipt", lambda *_args, **_options: receipts.drawn())


def issue(receipt: Receipt) -> SignedReceipt:
    """Perform the delivery that signs the receipt."""
    make_receipt(Delivery.objects.get(kind=RECEIPT_PDF, key=receipt.number), timezone.now())
    return SignedReceipt.objects.get(number=receipt.number)


def sent(content: bytes, name: str = "accuse.pdf") -> Any:
    return Client().post(PAGE, {"fichier": SimpleUploadedFile(name, content)})


def get_page(**query: str) -> Any:
    return Client().get(PAGE, query)


def outcome_of(response: Any) -> str:
    return str(response.context["answer"].outcome)


# -- Making ---


def test_a_filing_requests_its_receipt_in_the_language_of_the_page() -> None:
    first = make_filing()
    draft = make_draft()
    from intake.submissions.filing.operations import file_draft  # noqa: PLC0415 -- one option, used in this test only

    second = file_draft(
        draft=draft, actor=draft.submission.candidate, declarations=ALL_DECLARATIONS, reads_english=True
    )
    kinds = dict(Delivery.objects.filter(kind__startswith="RECEIPT_PDF").values_list("key", "kind"))
    assert kinds == {first.number: RECEIPT_PDF, second.number: RECEIPT_PDF_IN_ENGLISH}


@pytest.mark.usefixtures("quick")
def test_a_receipt_is_generated_once_and_its_json_has_no_personal_data() -> None:
    receipt = make_filing()
    made = issue(receipt)
    assert issue(receipt) == made
    assert SignedReceipt.objects.count() == 1
    facts = statement_of(receipt)
    assert (made.number, made.code) == (receipt.number, facts.code)
    raw = json.loads(made.twin)
    assert raw["receipt"] == facts.as_json()
    sealed = receipt.filing.seal.canonical or ""
    person = read_seal(receipt.filing.seal).person
    for secret in (person.email, person.first_name, person.last_name, person.birth_date):
        assert secret in sealed
        assert secret not in made.twin


def test_an_altered_seal_yields_no_receipt() -> None:
    seal = seal_payload(payload=payload(), at=timezone.now())
    seal.canonical = payload(review_message="ajouté").canonical()
    with pytest.raises(AlteredError):
        build_receipt(seal=seal, facts=receipts.facts(), in_english_too=False, at=timezone.now())
    assert not SignedReceipt.objects.exists()


# -- By the file


@pytest.mark.usefixtures("quick")
def test_an_authentic_file_displays_only_the_instant_and_the_offer() -> None:
    receipt = make_filing()
    made = issue(receipt)
    submission, person = receipt.filing.submission, read_seal(receipt.filing.seal).person
    kept = Upload.objects.count()
    for content, name in ((made.file.read(), "accuse.pdf"), (made.twin.encode(), "accuse.json")):
        response = sent(content, name)
        assert Upload.objects.count() == kept
        assert response.status_code == 200
        assert outcome_of(response) == "AUTHENTIC"
        page = response.content.decode()
        assert receipt.number in page
        assert submission.offer.organisation in page
        assert "heure de l’Est, Québec" in page.replace("\xa0", " ")
        for personal in (person.first_name, person.last_name, person.email, str(submission.public_id)):
            assert personal
            assert personal not in page
        assert "Date limite" not in page  # a personal deadline would reveal an extension
        assert "no-store" in response.headers["Cache-Control"]
        assert not response.cookies
        by_a_person = {"Sec-Fetch-Mode": "navigate"}
        file, client = SimpleUploadedFile(name, content), Client()
        where = client.post(PAGE, {"fichier": file}, headers=by_a_person)
        assert where.status_code == 303, "the result is short enough for a cookie"
        assert (
            receipt.number
            in client.get(PAGE + where.headers["Location"], headers=by_a_person).content.decode()
        )


@pytest.mark.usefixtures("quick")
def test_an_altered_file_is_reported_without_its_content() -> None:
    receipt = make_filing()
    made = issue(receipt)
    content = made.file.read()
    earlier = json.loads(made.twin)
    earlier["receipt"]["received_at"] = "2020-01-01T00:00:00Z"
    for changed in (
        content.replace(b"1.7", b"1.6", 1),
        receipts.with_an_update(content),
        receipts.without_last_update(content),
        json.dumps(earlier).encode(),
        made.twin.encode()[:-10],
    ):
        response = sent(changed)
        assert outcome_of(response) == "ALTERED"
        assert receipt.number not in response.content.decode()
        assert "n’est pas authentique" in response.content.decode()


@pytest.mark.usefixtures("quick")
def test_a_signed_receipt_that_was_never_issued_is_unknown(caplog: pytest.LogCaptureFixture) -> None:
    """The same statement signed again, with a stolen key or by an earlier attempt: each issued file is recorded."""
    receipt = make_filing()
    made = issue(receipt)
    assert outcome_of(sent(receipts.signed())) == "UNKNOWN"
    never = receipts.facts(number="2027-020-000999-X")
    assert outcome_of(sent(make_json_receipt(never, sign(never.canonical())).encode())) == "UNKNOWN"
    assert "never given out" in caplog.text
    assert receipt.number not in caplog.text
    assert outcome_of(sent(made.file.read())) == "AUTHENTIC"


@pytest.mark.usefixtures("quick")
def test_a_json_receipt_is_compared_with_the_issued_signature(caplog: pytest.LogCaptureFixture) -> None:
    made = issue(make_filing())
    raw = json.loads(made.twin)
    other = receipts.in_its_other_form(base64.b64decode(raw["signature"]["value"]))
    raw["signature"]["value"] = base64.b64encode(other).decode()
    assert outcome_of(sent(json.dumps(raw).encode())) == "ALTERED"
    assert "never given out" not in caplog.text  # no key was used
    anew = current_key().private.sign(statement_of_json_receipt(made.twin).canonical(), ec.ECDSA(SHA256()))
    raw["signature"]["value"] = base64.b64encode(to_low_s(anew)).decode()
    assert outcome_of(sent(json.dumps(raw).encode())) == "UNKNOWN"
    assert "never given out" in caplog.text


@pytest.mark.usefixtures("quick")
def test_a_pdf_with_a_rewritten_signature_is_altered(caplog: pytest.LogCaptureFixture) -> None:
    made = issue(make_filing())
    assert outcome_of(sent(receipts.with_its_other_form(made.file.read()))) == "ALTERED"
    assert "never given out" not in caplog.text


@pytest.mark.usefixtures("quick")
def test_a_receipt_stays_authentic_after_a_change_of_key(settings: Settings) -> None:
    made = issue(make_filing())
    old = settings.SIGNING_KEYS
    settings.SIGNING_KEYS = {"new": "44" * 32} | old
    assert outcome_of(sent(made.file.read())) == "AUTHENTIC"
    assert outcome_of(sent(made.twin.encode())) == "AUTHENTIC"
    settings.SIGNING_KEYS = {"new": "44" * 32}
    made.file.seek(0)
    assert outcome_of(sent(made.file.read())) == "AUTHENTIC"  # by the stored digest
    assert outcome_of(sent(made.twin.encode())) == "ALTERED"


@pytest.mark.parametrize("content", [b"%PDF-1.7\n", b"bonjour", b'{"a": 1}', b"\x89PNG\r\n"])
def test_a_file_that_is_no_receipt_is_reported_as_a_wrong_file(content: bytes) -> None:
    response = sent(content)
    assert (response.status_code, outcome_of(response)) == (200, "WRONG_FILE")


def test_a_file_too_large_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    just = sent(b" " * (MAX_BYTES + 1))
    assert just.status_code == 422
    assert "dépasse 1 Mo" in just.content.decode().replace("\xa0", " ")
    monkeypatch.setattr("django.http.request.HttpRequest._load_post_and_files", None)
    assert sent(b" " * (3 * MAX_BYTES)).status_code == 413


def test_a_file_that_cannot_be_read_in_time_is_no_fault_of_the_visitor(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(_content: bytes) -> None:
        raise UnreadableReceiptError

    monkeypatch.setattr("intake.dossiers.views.verify_file", fail)
    assert sent(b"%PDF").status_code == 503


def test_no_file_and_an_empty_one_are_errors_of_the_field() -> None:
    for response in (Client().post(PAGE), sent(b"")):
        assert response.status_code == 422
        assert response.context["erring"].errors.keys() == {"fichier"}
        assert 'href="#id_fichier"' in response.content.decode()


# -- By the code


@pytest.mark.usefixtures("quick")
def test_a_code_is_found_with_its_number_at_once_and_alone_after_the_pdf() -> None:
    receipt = make_filing()
    code = statement_of(receipt).code
    assert outcome_of(get_page(code=code)) == "UNKNOWN"
    assert outcome_of(get_page(code=code.lower().replace("-", " "), numero=receipt.number)) == "AUTHENTIC"
    issue(receipt)
    assert outcome_of(get_page(code=code)) == "AUTHENTIC"
    assert outcome_of(get_page(code=code, numero=receipt.number)) == "AUTHENTIC"


@pytest.mark.usefixtures("quick")
def test_a_wrong_code_and_an_unknown_number_get_the_same_answer() -> None:
    from intake.dossiers.receipt_number import format_number  # noqa: PLC0415 -- to make a number that does not exist

    receipt = make_filing()
    issue(receipt)
    wrong = "7K3M-9QXD-2TBC"
    missing = format_number(receipt.filing.submission.offer.number or "", 999_999)
    pages = []
    for number in (receipt.number, missing):
        response = get_page(code=wrong, numero=number)
        assert response.status_code == 200
        pages.append(response.content.decode().replace(number, "NUMBER"))
    assert pages[0] == pages[1]
    other = make_filing()
    assert outcome_of(get_page(code=statement_of(other).code, numero=receipt.number)) == "UNKNOWN"


def test_an_invalid_code_or_number_is_an_error_of_its_field() -> None:
    response = get_page(code="ABCD")
    assert response.status_code == 422
    assert response.context["erring"].errors.keys() == {"code"}
    response = get_page(code="7K3M-9QXD-2TBC", numero="2027-020-000123-A")
    assert response.context["erring"].errors.keys() == {"numero"}
    assert get_page().status_code == 200


def test_the_address_in_the_code_verifies_without_a_form() -> None:
    receipt = make_filing()
    address = verifying_address(statement_of(receipt))
    response = Client().get(address.removeprefix("http://127.0.0.1:8000"))
    assert outcome_of(response) == "AUTHENTIC"


def test_many_guesses_from_one_network_are_stopped(settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {
        "verify_code": "3/m/ip",
        "verify_file": "2/m/ip",
    }
    assert [get_page(code="7K3M-9QXD-2TBC").status_code for _time in range(4)] == [200, 200, 200, 429]
    forged = Client().get(PAGE, {"code": "7K3M-9QXD-2TBC"}, headers={"x-forwarded-for": "203.0.113.9"})
    assert forged.status_code == 429
    proof = Client().get("/verifier/preuve.json", {"code": "7K3M-9QXD-2TBC", "numero": receipts.NUMBER})
    assert (proof.status_code, proof.headers["Retry-After"], proof.json()["found"]) == (429, "20", False)
    assert [sent(b"other").status_code for _time in range(3)] == [200, 200, 429]
    assert get_page().status_code == 200


@pytest.mark.usefixtures("quick")
def test_the_advice_of_the_page_depends_on_code_or_file() -> None:
    """A genuine code may be on a forged receipt; a file is its own proof, and has no typing errors."""
    made = issue(make_filing())
    known = [get_page(code=made.code), sent(made.file.read())]
    unknown = [get_page(code="7K3M-9QXD-2TBC"), sent(receipts.signed())]
    assert [outcome_of(one) for one in known + unknown] == ["AUTHENTIC"] * 2 + ["UNKNOWN"] * 2
    assert ["un faux peut porter un vrai code" in one.content.decode() for one in known] == [True, False]
    assert ["Vérifiez chaque lettre" in one.content.decode() for one in unknown] == [True, False]
    assert ["mais le portail ne l’a jamais délivré" in one.content.decode() for one in unknown] == [
        False,
        True,
    ]


# -- By the command


@pytest.mark.usefixtures("quick")
def test_the_command_gives_the_same_outcome_as_the_page(tmp_path: Path) -> None:
    receipt = make_filing()
    made = issue(receipt)
    path = tmp_path / "accuse.pdf"
    path.write_bytes(made.file.read())
    for given in (str(path), made.code, f"{receipt.number} {made.code}"):
        code, said = run(given)
        assert (code, said["authentic"], said["number"]) == (0, True, receipt.number)
        assert said["received_at"] == statement_of(receipt).received_at
    path.write_bytes(path.read_bytes() + b"\n")
    assert run(str(path)) == (1, {"authentic": False, "reason": "ADDED", "checked": "RECORDS"})
    assert run("7K3M-9QXD-2TBC") == (1, {"authentic": False, "reason": "UNKNOWN", "checked": "RECORDS"})
    path.write_bytes(b"other")
    assert run(str(path)) == (1, {"authentic": False, "reason": "NOT_A_RECEIPT", "checked": "RECORDS"})


def test_the_number_of_files_read_concurrently_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifying, "find_by_file_digest", lambda _sha256: None)
    monkeypatch.setattr(verifying, "_WAIT_SECONDS", 0.01)
    assert (verifying._MAX_CONCURRENT, verifying._slots._initial_value) == (2, 2)  # type: ignore[attr-defined]  # -- not in typeshed
    for _turn in range(2):
        verifying._slots.acquire()
    try:
        with pytest.raises(UnreadableReceiptError):
            verify_file(b"{}")
    finally:
        verifying._slots.release(2)
    assert verify_file(b"{}") == Answer(Outcome.WRONG_FILE, problem=Problem.NOT_A_RECEIPT)
    for _turn in range(2):  # each slot was released
        assert verifying._slots.acquire(blocking=False)
    verifying._slots.release(2)
