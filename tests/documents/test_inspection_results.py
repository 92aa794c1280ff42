"""Full results of inspections, prechecks, names and downloads; without child process and database."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.utils import translation

from intake.documents import inspection, reasons, services
from intake.documents.child.refusal import Reason
from intake.documents.downloads import safe_response
from intake.documents.inspection import Inspection, inspect_file
from intake.documents.isolated_process import ProcessTimeoutError
from intake.documents.models import Upload
from intake.documents.names import display_name, folded, stored_name
from intake.documents.reasons import UploadRefused
from tests.factories.documents import received

MIB = 1024 * 1024


def with_plain_spaces(text: str) -> str:
    """Return a text with ordinary spaces only."""
    return text.replace("\xa0", " ").replace("\u202f", " ")


# -- An inspection


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The result that the child will write to its directory, and the calls it received."""
    told: dict[str, Any] = {"result": None, "asked": [], "code": 0}

    def run_apart(module: str, *arguments: str, room: Path, seconds: float, readable: list[Path]) -> int:
        assert [str(path) for path in readable] == [arguments[0]]
        told["asked"].append((module, arguments, room, seconds))
        if isinstance(told["result"], Exception):
            raise told["result"]
        if told["result"] is not None:
            text = told["result"] if isinstance(told["result"], str) else json.dumps(told["result"])
            (room / "result.json").write_text(text)
        return int(told["code"])

    monkeypatch.setattr(inspection, "run_isolated", run_apart)
    return told


def inspect(tmp_path: Path, content: bytes = b"x" * 10, max_bytes: int = 10) -> Inspection:
    (tmp_path / "received").write_bytes(content)
    (tmp_path / "made").mkdir(exist_ok=True)
    with translation.override("fr"):
        return inspect_file(
            tmp_path / "received",
            name="Mon CV.docx",
            max_pages=3,
            max_bytes=max_bytes,
            into=tmp_path / "made",
        )


def refused_inspection(code: str, reason: str, pages: int | None = None) -> Inspection:
    return Inspection("REFUSED", Reason(code), reason, "Mon-CV", None, pages, ())


def test_the_inspection_of_an_accepted_file_fills_every_field(
    answers: dict[str, Any], tmp_path: Path
) -> None:
    answers["result"] = {
        "media_type": "image/png",
        "pages": 2,
        "neutralised": ["LINK", "METADATA"],
        "warnings": ["BLANK_PAGE:2"],
    }
    found = inspect(tmp_path)
    assert found == Inspection(
        outcome="ACCEPTED",
        reason_code=None,
        reason=reasons.accepted(2, ("LINK", "METADATA"), ("BLANK_PAGE:2",)),
        stored_name="Mon-CV.png",
        media_type="image/png",
        pages=2,
        neutralised=("LINK", "METADATA"),
        warnings=("BLANK_PAGE:2",),
        clean_path=tmp_path / "made" / "clean.pdf",
        thumbnail_path=tmp_path / "made" / "thumbnail.jpg",
        small_thumbnail_path=tmp_path / "made" / "small.jpg",
    )
    assert found.is_accepted
    assert with_plain_spaces(found.reason) == (
        "Fichier accepté : 2 pages. Par sécurité, nous avons retiré ces éléments : liens. Vérifiez l’aperçu. "
        "Page 2 : rien n’est visible. Vérifiez que c’est le bon fichier."
    )
    arguments = (str(tmp_path / "received"), str(tmp_path / "made"), "3")
    assert answers["asked"] == [("intake.documents.child", arguments, tmp_path / "made", 50)]


def test_a_refusal_of_the_child_is_explained_with_its_figures(
    answers: dict[str, Any], tmp_path: Path
) -> None:
    answers["result"] = {"refused": "TOO_MANY_PAGES", "facts": {"pages": 7, "max_pages": 99}}
    found = inspect(tmp_path)
    reason = "Ce document a 7 pages. Réduisez le document à 3 pages au plus, puis téléversez-le de nouveau."
    assert with_plain_spaces(found.reason) == reason
    assert found == refused_inspection("TOO_MANY_PAGES", found.reason, 7)
    assert not found.is_accepted


@pytest.mark.parametrize(
    "result, code",
    [
        (ProcessTimeoutError(), "TIMED_OUT"),
        (None, "TOO_COMPLEX"),
        ("{", "TOO_COMPLEX"),
        ('{"pages": "' + "x" * 64 * 1024 + '"}', "TOO_COMPLEX"),
    ],
    ids=["no time", "no answer", "half of one", "too long a one"],
)
def test_a_child_that_does_not_answer_refuses_the_file(
    result: object, code: str, answers: dict[str, Any], tmp_path: Path
) -> None:
    answers["result"] = result
    found = inspect(tmp_path)
    assert found == refused_inspection(code, found.reason)


@pytest.mark.parametrize(
    "number, code",
    [
        (signal.SIGKILL, "TIMED_OUT"),  # by the kernel for lack of memory, or by an operator
        (signal.SIGXCPU, "TOO_COMPLEX"),
        (signal.SIGSEGV, "TOO_COMPLEX"),
        (signal.SIGABRT, "TOO_COMPLEX"),
    ],
)
def test_a_child_that_another_process_kills_does_not_blame_the_file(
    number: int, code: str, answers: dict[str, Any], tmp_path: Path
) -> None:
    answers["code"] = -number
    found = inspect(tmp_path)
    assert found == refused_inspection(code, found.reason)


@pytest.mark.parametrize("size, code", [(0, "EMPTY"), (10, "TOO_COMPLEX"), (11, "TOO_LARGE")])
def test_a_file_of_refused_size_starts_no_process(
    size: int, code: str, answers: dict[str, Any], tmp_path: Path
) -> None:
    found = inspect(tmp_path, b"x" * size)
    assert found == refused_inspection(code, found.reason)
    assert len(answers["asked"]) == (1 if code == "TOO_COMPLEX" else 0)
    if code == "TOO_LARGE":
        assert with_plain_spaces(found.reason).startswith(
            "Ce fichier fait 11 octets ; la limite est de 10 octets."
        )


# -- A request's files -------


def test_a_child_writes_at_most_one_byte_past_the_limit(tmp_path: Path) -> None:
    sent = received(b"abcdefghij")
    chunks = [b"abc", b"def", b"ghij"]
    asked: list[bytes] = []

    def pieces() -> Iterator[bytes]:
        for piece in chunks:
            asked.append(piece)
            yield piece

    sent.chunks = lambda *_args, **_options: pieces()  # type: ignore[method-assign]  # -- in pieces, as a large file
    for limit, kept, read in (
        (10, b"abcdefghij", 3),
        (9, b"abcdefghij", 3),
        (5, b"abcdef", 2),
        (2, b"abc", 1),
    ):
        asked.clear()
        digest = services.copy_received(sent, tmp_path / "received", max_bytes=limit)
        assert (tmp_path / "received").read_bytes() == kept
        assert len(asked) == read
        assert digest == services.hashlib.sha256(kept).hexdigest()  # type: ignore[attr-defined]  # -- services imports it


def test_an_incomplete_inspection_is_not_stored(tmp_path: Path) -> None:
    clean, thumbnail, small = (tmp_path / name for name in ("clean.pdf", "thumbnail.jpg", "small.jpg"))
    whole = Inspection("ACCEPTED", None, "", "x.pdf", "application/pdf", 1, (), clean, thumbnail, small)
    for missing in ("clean_path", "thumbnail_path", "small_thumbnail_path", "media_type"):
        made = Inspection(**{name: getattr(whole, name) for name in whole.__slots__} | {missing: None})
        with pytest.raises(
            ValueError, match="an accepted file has a cleaned PDF, two thumbnails and a media type"
        ):
            services._store(Upload(), tmp_path / "received", made)


def test_a_refusal_by_size_states_size_and_limit() -> None:
    with translation.override("fr"):
        with pytest.raises(UploadRefused) as large:
            services.refuse_size(size=12 * MIB, max_bytes=10 * MIB)
        with pytest.raises(UploadRefused) as empty:
            services.refuse_size(size=0, max_bytes=10 * MIB)
    assert with_plain_spaces(large.value.reason).startswith("Ce fichier fait 12 Mo ; la limite est de 10 Mo.")
    assert (large.value.code, empty.value.code) == ("TOO_LARGE", "EMPTY")
    services.refuse_size(size=10 * MIB, max_bytes=10 * MIB)


# -- Prechecks -----------------------------------


def test_each_family_of_files_has_its_sentence() -> None:
    with translation.override("fr"):
        said = {
            family: with_plain_spaces(
                reasons.explain(Reason.NOT_ACCEPTED_TYPE, {"detected": family})
            ).removesuffix(" Formats acceptés : PDF, JPEG, PNG et HEIC.")
            for family in ("OFFICE", "ZIP", "IMAGE", "WEB", "PROGRAM", "OTHER")
        }
    assert {family: text.partition(".")[0] for family, text in said.items()} == {
        "OFFICE": "C’est un document de traitement de texte, de tableur ou de présentation",
        "ZIP": "C’est une archive compressée",
        "IMAGE": "Cette sorte d’image n’est pas acceptée",
        "WEB": "C’est une page web",
        "PROGRAM": "C’est une application, pas un document",
        "OTHER": "Ce fichier n’est ni un PDF, ni une image JPEG, PNG ou HEIC",
    }


def test_labels_of_removed_content_are_unique_and_sorted() -> None:
    with translation.override("fr"):
        every = [*reasons._REMOVED_LABELS, *reasons._SILENT]
        assert with_plain_spaces(reasons.removed(every)) == (
            "Par sécurité, nous avons retiré ces éléments : action automatique, action à "
            "l’ouverture, bouton de formulaire, "
            "calques, champs de formulaire (leur contenu reste affiché), contenu placé ailleurs, fichier joint, "
            "formulaire XFA, images suivantes d’une animation, lancement d’un programme, liens, programme JavaScript, "
            "programme PostScript, renvoi à un autre fichier, signature numérique (son image reste affichée) et son, "
            "vidéo ou objet 3D. Vérifiez l’aperçu."
        )
        assert {code: str(say()) for code, say in reasons._REMOVED_LABELS.items()} == {
            "JAVASCRIPT": "programme JavaScript",
            "OPEN_ACTION": "action à l’ouverture",
            "TRIGGERED_ACTION": "action automatique",
            "NAMED_ACTION": "action automatique",
            "LAUNCH": "lancement d’un programme",
            "LINK": "liens",
            "REMOTE_FILE": "renvoi à un autre fichier",
            "EMBEDDED_FILE": "fichier joint",
            "FORM": "champs de formulaire (leur contenu reste affiché)",
            "FORM_ACTION": "bouton de formulaire",
            "XFA": "formulaire XFA",
            "SIGNATURE": "signature numérique (son image reste affichée)",
            "RICH_MEDIA": "son, vidéo ou objet 3D",
            "EXTERNAL_STREAM": "contenu placé ailleurs",
            "POSTSCRIPT": "programme PostScript",
            "LAYERS": "calques",
            "ANIMATION": "images suivantes d’une animation",
        }
        assert reasons.removed(("METADATA", "EXTRA_BYTES", "RESTRICTIONS")) == ""
        assert with_plain_spaces(reasons.accepted(1, ())) == "Fichier accepté : 1 page."


@pytest.mark.parametrize(
    "code, begins",
    [
        ("EMPTY", "Ce fichier est vide."),
        ("NO_PAGES", "Ce PDF ne contient aucune page."),
        ("ENCRYPTED", "Ce PDF demande un mot de passe."),
        ("DAMAGED", "Ce fichier est endommagé ou incomplet"),
        ("TOO_COMPLEX", "Ce fichier est trop complexe pour être vérifié"),
        ("TIMED_OUT", "Le portail est très sollicité"),
        ("DIMENSIONS", "Cette page ou cette image a des dimensions inhabituelles"),
        ("PORTFOLIO", "Ce PDF est un porte-documents"),
        ("DYNAMIC_FORM", "Le comité ne pourrait pas lire ce formulaire"),
        ("TOO_MANY_PAGES", "Ce document a 1 page. Réduisez le document à 1 page au plus"),
    ],
)
def test_each_refusal_has_its_own_sentence(code: str, begins: str) -> None:
    with translation.override("fr"):
        said = reasons.explain(Reason(code), {"pages": 1, "max_pages": 1})
    assert with_plain_spaces(said).startswith(begins)


# -- A name


@pytest.mark.parametrize(
    "text, plain_text",
    [
        ("œŒæÆßøØłŁđ", "oeOEaeAEssoOlLd"),
        ("L’été d'Élodie", "L-ete-d-Elodie"),
        ("-a--b..c__d-", "a-b.c__d"),
        ("a…b", "a.b"),
        ("a+b c", "a-b-c"),
    ],
)
def test_texts_are_folded_to_plain_letters(text: str, plain_text: str) -> None:
    assert folded(text) == plain_text


@pytest.mark.parametrize(
    "name, media_type, stored",
    [
        ("._-cv-_.pdf", "application/pdf", "cv.pdf"),
        ("COM1.pdf", "application/pdf", "document-COM1.pdf"),
        ("lpt9.x.y", "image/png", "document-lpt9.png"),
        ("nul", None, "document-nul"),
        ("comx.pdf", "application/pdf", "comx.pdf"),
        ("a.longer6.pdf", "application/pdf", "a.longer6.pdf"),
        ("a.long5.pdf", "application/pdf", "a.pdf"),
        ("x" * 115 + "-y", "application/pdf", "x" * 115 + ".pdf"),
        ("x" * 121, None, "x" * 120),
        ("x" * 121, "text/plain", "x" * 120),
    ],
)
def test_a_stored_name_is_safe_and_has_the_extension_of_its_type(
    name: str, media_type: str | None, stored: str
) -> None:
    assert stored_name(name, media_type) == stored


@pytest.mark.parametrize("length, shown", [(80, "x" * 80), (81, "x" * 39 + "…" + "x" * 40)])
def test_a_displayed_name_loses_its_middle_beyond_eighty_characters(length: int, shown: str) -> None:
    assert display_name("a/b\\" + " " + "x" * length + " ") == shown
    assert display_name("e\u0301\u200b\x07.pdf") == "é.pdf"


# -- A download


def test_a_served_file_may_be_displayed_and_run_no_script() -> None:
    nothing = "default-src 'none'; frame-ancestors 'self'; form-action 'none'; base-uri 'none'"
    for media_type, policy in (
        ("application/pdf", f"{nothing}; object-src 'self'"),
        ("image/jpeg", nothing),
        ("application/json", nothing),
    ):
        response = safe_response(
            ContentFile(b"x"), "x.bin", media_type, as_attachment=media_type != "image/jpeg"
        )
        headers = {name: response[name] for name in response.headers if name != "Content-Length"}
        assert headers == {
            "Content-Type": media_type,
            "Content-Disposition": f'{"inline" if media_type == "image/jpeg" else "attachment"}; filename="x.bin"',
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": policy,
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cache-Control": "private, no-store",
        }
