"""The verification page without a database: its forms, and how each result is computed, shown and limited."""

import json
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils import translation
from django.utils.datastructures import MultiValueDict

from intake.accounts.limits import NetworkBusyError
from intake.dossiers import views
from intake.dossiers.forms import CodeForm, FileForm
from intake.dossiers.receipts import verifying
from intake.dossiers.receipts.receipt_file import Problem, UnreadableReceiptError
from intake.dossiers.receipts.verifying import Answer, Outcome, verify_file
from tests.factories.receipts import NUMBER, facts

PAGE = "/verifier/"
CODE = "7K3M-9QXD-2TBC"
MIB = 1024 * 1024


# -- The forms


def test_a_code_and_a_number_are_read_in_any_printed_form() -> None:
    form = CodeForm({"code": "7k3m 9qxd 2tbc", "numero": " 2027-020-000123-n "})
    assert form.is_valid()
    assert form.cleaned_data == {"code": CODE, "numero": NUMBER}
    blank = CodeForm({"code": CODE, "numero": "  "})
    assert blank.is_valid()
    assert blank.cleaned_data["numero"] == ""


def of_files(*files: SimpleUploadedFile) -> FileForm:
    return FileForm({}, MultiValueDict({"fichier": list(files)}))


def with_plain_spaces(text: object) -> str:
    """Return a text with ordinary spaces only."""
    return str(text).replace("\xa0", " ")


def test_each_fault_of_the_forms_is_reported_at_its_field() -> None:
    with translation.override("fr"):
        said = [
            dict(form.errors)
            for form in (
                CodeForm({}),
                CodeForm({"code": "ABCD", "numero": "2027-020-000123-A"}),
                CodeForm({"code": "A" * 41, "numero": "2" * 81}),
                of_files(),
                of_files(SimpleUploadedFile("x", b"")),
                of_files(SimpleUploadedFile("x", b" " * (MIB + 1))),
                of_files(SimpleUploadedFile("x", b" " * MIB)),
            )
        ]
    assert [
        {name: [str(one).replace("\xa0", " ") for one in found] for name, found in form.items()}
        for form in said
    ] == [
        {"code": ["Inscrivez le code de vérification."]},
        {
            "code": [
                "Ce code doit avoir douze lettres et chiffres, par exemple 7K3M-9QXD-2TBC. Vérifiez-le."
            ],
            "numero": [
                "Ce numéro de dépôt contient une erreur : sa dernière lettre ne correspond pas au reste."
            ],
        },
        {
            "code": ["Assurez-vous que cette valeur comporte au plus 40 caractères (actuellement 41)."],
            "numero": ["Assurez-vous que cette valeur comporte au plus 80 caractères (actuellement 81)."],
        },
        {"fichier": ["Choisissez un fichier."]},
        {"fichier": ["Ce fichier est vide."]},
        {"fichier": ["Ce fichier dépasse 1 Mo : aucun accusé de réception n’a cette taille."]},
        {},
    ]


def test_the_fields_help_typing_and_disable_autocompletion() -> None:
    assert {name: field.widget.attrs for name, field in CodeForm().fields.items()} == {
        name: {
            "class": "form-control",
            "autocomplete": "off",
            "autocapitalize": "characters",
            "spellcheck": "false",
            "aria-describedby": f"{name}-hint",
        }
        | {"maxlength": most}
        for name, most in (("code", "40"), ("numero", "80"))
    }
    assert FileForm().fields["fichier"].widget.attrs == {
        "class": "form-control",
        "accept": ".pdf,.json",
        "aria-describedby": "fichier-hint",
    }
    assert not CodeForm.use_required_attribute
    assert not FileForm.use_required_attribute
    assert [CodeForm().fields[name].required for name in ("code", "numero")] == [True, False]


# -- The page


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The template's context, not rendered. Every verification is allowed and returns « authentic »."""
    seen: dict[str, Any] = {"allowed": True, "asked": [], "answer": Answer(Outcome.AUTHENTIC, facts=facts())}

    def render(_request: HttpRequest, template: str, context: dict[str, Any], status: int) -> HttpResponse:
        seen.update(context=context, template=template)
        return HttpResponse(status=status)

    def may_file(_request: HttpRequest) -> bool:
        seen["asked"].append("file")
        return bool(seen["allowed"])

    def check_code(_request: HttpRequest, *, code: str, ticket: str, at: datetime) -> None:
        assert at.tzinfo is not None
        seen["asked"].append("code")
        seen["waited"] = (code, ticket)
        if not seen["allowed"]:
            raise NetworkBusyError("a-ticket")  # noqa: EM101 -- a ticket, not a message

    def answer(*given: bytes, **named: str) -> Answer:
        seen["verified"] = given or named
        if isinstance(seen["answer"], Exception):
            raise seen["answer"]
        return seen["answer"]  # type: ignore[no-any-return]  # -- set by the test

    monkeypatch.setattr(views, "render", render)
    monkeypatch.setattr(views, "may_verify_file", may_file)
    monkeypatch.setattr(views, "check_may_verify_code", check_code)
    monkeypatch.setattr(views, "verify_code", answer)
    monkeypatch.setattr(views, "verify_file", answer)
    monkeypatch.setattr(views, "log_position", lambda number: f"where {number}")
    return seen


def get_page(**query: str) -> int:
    answer = views.verify(RequestFactory().get(PAGE, query))
    assert (answer.status_code == 429) == ("Retry-After" in answer), (
        "only a visitor who must wait is told how long"
    )
    return answer.status_code


def post_page(content: bytes, **options: Any) -> int:
    file = {"fichier": SimpleUploadedFile("accuse.pdf", content)}
    return views.verify(RequestFactory().post(PAGE, file, **options)).status_code


def _context_values(shown: dict[str, Any]) -> dict[str, Any]:
    context = shown["context"]
    erring = context["erring"]
    return {name: context[name] for name in ("answer", "by_code", "facts", "refusal")} | {
        "erring": sorted(erring.errors) if erring is not None else None
    }


NOTHING: dict[str, Any] = {"answer": None, "by_code": False, "facts": None, "refusal": "", "erring": None}


def test_a_code_is_verified_with_its_number_or_alone(shown: dict[str, Any]) -> None:
    assert get_page() == 200
    assert (_context_values(shown), shown["asked"], shown["template"]) == (
        NOTHING,
        [],
        "dossiers/verify.html",
    )
    assert get_page(code=CODE) == 200
    assert shown["verified"] == {"code": CODE, "number": ""}
    assert get_page(code=CODE.lower(), numero=NUMBER) == 200
    assert shown["verified"] == {"code": CODE, "number": NUMBER}
    assert _context_values(shown) == NOTHING | {"answer": shown["answer"], "by_code": True, "facts": facts()}
    assert shown["context"]["logged"] == f"where {NUMBER}"
    assert {"logged_by", "now"} <= shown["context"].keys()
    assert shown["asked"] == ["code", "code"]
    assert get_page(code="ABCD") == 422
    assert _context_values(shown) == NOTHING | {"by_code": True, "erring": ["code"]}
    shown["allowed"] = False
    assert get_page(code=CODE, ticket="kept") == 429
    assert _context_values(shown) == NOTHING | {"by_code": True}
    assert shown["waited"] == (CODE, "kept")
    assert shown["context"]["ticket"] == "a-ticket"
    assert "Attendez 20 secondes" in with_plain_spaces(shown["context"]["busy"])


def test_a_file_is_verified_within_the_rate_limit(shown: dict[str, Any]) -> None:
    assert post_page(b"content") == 200
    assert shown["verified"] == (b"content",)
    assert _context_values(shown) == NOTHING | {"answer": shown["answer"], "facts": facts()}
    shown["answer"] = Answer(Outcome.ALTERED, problem=Problem.BYTES)
    assert post_page(b"content") == 200
    assert _context_values(shown) == NOTHING | {"answer": shown["answer"]}
    assert "logged" not in shown["context"]
    shown["answer"] = UnreadableReceiptError()
    assert post_page(b"content") == 503
    assert _context_values(shown) == NOTHING | {"refusal": "NOT_READ"}
    assert post_page(b"") == 422
    assert _context_values(shown) == NOTHING | {"erring": ["fichier"]}
    assert shown["asked"] == ["file"] * 4
    shown["allowed"] = False
    assert post_page(b"content") == 429
    assert _context_values(shown) == NOTHING | {"refusal": "TOO_MANY"}


@pytest.mark.parametrize("over, status", [(0, 429), (1, 413)])
def test_a_request_is_refused_by_its_length_before_it_is_counted_or_read(
    over: int, status: int, shown: dict[str, Any]
) -> None:
    """The limit is one file and 64 KiB for the rest of the form."""
    shown["allowed"] = False
    assert post_page(b"content", CONTENT_LENGTH=str(MIB + 64 * 1024 + over)) == status
    assert shown["asked"] == ([] if over else ["file"])
    assert _context_values(shown) == NOTHING | {"refusal": "TOO_LARGE" if over else "TOO_MANY"}


def test_a_proof_request_over_the_limit_or_without_number_is_not_searched(shown: dict[str, Any]) -> None:
    def proof(**query: str) -> tuple[int, object, str]:
        answer = views.proof(RequestFactory().get("/verifier/preuve.json", query))
        assert answer.headers.get("Retry-After") == ("20" if answer.status_code == 429 else None)
        return answer.status_code, json.loads(answer.content), answer["Cache-Control"]

    never = "max-age=0, no-cache, no-store, must-revalidate, private"
    assert proof(code=CODE) == (404, {"found": False}, never)
    assert "verified" not in shown
    shown["answer"] = Answer(Outcome.UNKNOWN)
    assert proof(code=CODE, numero=NUMBER) == (404, {"found": False}, never)
    assert shown["verified"] == {"code": CODE, "number": NUMBER}
    shown["allowed"] = False
    assert proof(code=CODE, numero=NUMBER) == (429, {"found": False, "ticket": "a-ticket"}, never)


def test_a_proof_is_indented_json_with_plain_accents(
    shown: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    query = {"code": CODE, "numero": NUMBER}
    for since, status in ((None, 404), ("root", 200)):
        monkeypatch.setattr(views, "log_position", lambda _n, s=since: SimpleNamespace(leaf="leaf", since=s))
        monkeypatch.setattr(views, "inclusion_document", lambda leaf, root: {"é": [leaf, root]})
        answer = views.proof(RequestFactory().get("/verifier/preuve.json", query))
        assert answer.status_code == status
    assert answer.content.decode() == '{\n  "é": [\n    "leaf",\n    "root"\n  ]\n}'
    assert shown["asked"] == ["code", "code"]


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
