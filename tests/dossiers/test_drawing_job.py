"""The job for the drawing process: its text, files, drawings and limits, and the handling of its result."""

import json
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation
from pytest_django import Settings

from intake.documents.isolated_process import ProcessTimeoutError
from intake.dossiers import other_scripts, render
from intake.dossiers.render import (
    DocumentSource,
    RenderedPdf,
    RenderError,
    RenderLimitError,
    TableColumn,
    render_dossier,
    render_receipt,
    render_table,
)
from intake.dossiers.sealed_payload import Payload
from tests.factories.payloads import CLAUSES, REASONS, payload, person, render_cover, verdict
from tests.factories.receipts import DIGEST, NUMBER, facts

AT = datetime(2026, 9, 30, 18, 32, 5, tzinfo=UTC)


@dataclass
class Child:
    """Replaces the drawing process: records its input, and writes a result."""

    ends: int | Exception = 0
    job: dict[str, Any] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    given: tuple[Any, ...] = ()
    prepared: dict[str, Any] = field(default_factory=dict)

    def run(
        self,
        module: str,
        *arguments: str,
        room: Path,
        seconds: float,
        environment: Mapping[str, str],
        readable: Sequence[Path],
        prepared: str,
    ) -> int:
        """Record the input, write the result, and end as the test defines."""
        self.job = json.loads((room / "job.json").read_text(encoding="utf-8"))
        self.files = {path.name: path.read_bytes() for path in room.iterdir()}
        assets, parts = self.job["assets"].values(), self.job["parts"]
        assert [str(path) for path in readable] == [*assets, *(part["path"] for part in parts)]
        self.prepared = json.loads(prepared)
        self.given = (module, arguments == (str(room),), seconds, dict(environment))
        if isinstance(self.ends, Exception):
            raise self.ends
        answer = {"pages": 7, "replaced": ["Lettre"], "starts": [4, 6]}
        (room / "result.json").write_text(json.dumps(answer))
        (room / "out.pdf").write_bytes(b"%PDF")
        return self.ends


@pytest.fixture
def child(monkeypatch: pytest.MonkeyPatch) -> Child:
    made = Child()
    monkeypatch.setattr(render, "run_isolated", made.run)
    monkeypatch.delenv("FONTCONFIG_PATH", raising=False)
    return made


def draw(made: Payload, *sources: DocumentSource, **options: Any) -> RenderedPdf:
    return render_dossier(made, number=NUMBER, received_at=AT, digest=DIGEST, sources=sources, **options)


# -- Its input and its result -------------


def test_a_dossier_is_rendered_in_the_isolated_process_and_returned(child: Child) -> None:
    assert draw(payload()) == RenderedPdf(content=b"%PDF", pages=7, replaced=("Lettre",), starts=(4, 6))
    assert child.given == ("intake.dossiers.child", True, 90, {"SOURCE_DATE_EPOCH": "0"})
    assert (child.job["parts"], child.job["receipt"], child.job["cpu_seconds"]) == ([], None, 30)
    assert child.job["archival"] is False
    assert child.job["before"].lstrip().startswith("<!DOCTYPE html>")
    assert "</body>" not in child.job["before"]
    assert "".join(child.job["after"].split()) == "</body></html>"
    assert child.files.keys() == {"job.json"}
    assert render_cover(payload(), number=NUMBER, received_at=AT, digest=DIGEST) == b"%PDF"


def test_the_cpu_limit_and_the_fonts_are_configurable(child: Child, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FONTCONFIG_PATH", "/polices")
    draw(payload(), cpu_seconds=9)
    assert child.job["cpu_seconds"] == 9
    assert child.given[-1] == {"SOURCE_DATE_EPOCH": "0", "FONTCONFIG_PATH": "/polices"}


@pytest.mark.parametrize(
    "ends, error",
    [
        (1, RenderError),
        (-signal.SIGKILL, RenderLimitError),
        (-1, RenderLimitError),
        (ProcessTimeoutError(), RenderLimitError),
    ],
)
def test_a_failed_process_raises_the_error_of_its_exit_code(
    ends: int | Exception, error: type[Exception], child: Child
) -> None:
    child.ends = ends
    with pytest.raises(RenderError) as raised:
        draw(payload())
    assert type(raised.value) is error


def test_each_document_gets_a_strip_a_page_and_a_replacement_page(child: Child, tmp_path: Path) -> None:
    (tmp_path / "lien").symlink_to(tmp_path / "cv.pdf")
    draw(
        payload(),
        DocumentSource("CV & lettre", tmp_path / "lien", 2),
        DocumentSource("Relevé", tmp_path / "b.pdf", 1),
    )
    first, second = child.job["parts"]
    assert {key: first[key] for key in ("label", "path", "titles")} == {
        "label": "CV & lettre",
        "path": str(tmp_path / "cv.pdf"),
        "titles": ["CV & lettre, page 1 sur 2", "CV & lettre, page 2 sur 2"],
    }
    assert [" ".join(strip.split()) for strip in first["strips"]] == [
        (
            '<section class="strip" id="document-1"> <h3 data-bookmark="CV &amp; lettre">'
            "CV &amp; lettre, page 1 sur 2</h3> </section>"
        ),
        '<section class="strip"> <p data-bookmark="Page 2 sur 2">CV &amp; lettre, page 2 sur 2</p> </section>',
    ]
    assert '<section class="replaced" id="document-2">' in second["replacement"]
    assert "<h3>Relevé</h3>" in second["replacement"]
    assert second["titles"] == ["Relevé, page 1 sur 1"]


def test_the_style_sheet_and_the_fonts_alone_may_be_read(
    child: Child, settings: Settings, tmp_path: Path
) -> None:
    settings.NODE_MODULES, settings.STATIC_ROOT = tmp_path / "packages", tmp_path / "static"
    font = "open-sans-latin-400-normal.woff"
    from_packages = tmp_path / "packages" / "@fontsource" / "open-sans" / "files"
    collected = tmp_path / "static" / "vendor" / "open-sans" / "files"
    for folder in (from_packages, collected):
        folder.mkdir(parents=True)
    (from_packages / font).touch()
    (collected / font).touch()
    (collected / "open-sans-latin-ext-700-normal.woff").touch()
    (collected / "beside.woff").touch()
    draw(payload())
    assert child.job["assets"] == {
        "pdf-fonts.css": str(settings.BASE_DIR / "static" / "css" / "pdf-fonts.css"),
        "pdf.css": str(settings.BASE_DIR / "static" / "css" / "pdf.css"),
        font: str(from_packages / font),
        "open-sans-latin-ext-700-normal.woff": str(collected / "open-sans-latin-ext-700-normal.woff"),
    }


def test_the_fonts_are_those_of_the_style_sheet() -> None:
    families = {"open-sans": (400, 600, 700), "roboto": (500, 700)}
    assert {
        f"{family}-{script}-{weight}-normal.woff"
        for family, weights in families.items()
        for script in ("latin", "latin-ext")
        for weight in weights
    } | {"NotoEmoji_400Regular.ttf"} == render._FONT_FILES.keys()


def test_a_page_in_another_script_gets_the_fonts_of_its_characters(
    child: Child,
) -> None:
    draw(payload())
    usual = child.job["assets"]
    assert not [name for name in usual if name.startswith("noto-sans")]
    draw(payload(person=person(first_name="小明", last_name="민準")), DocumentSource("झा", Path("a.pdf"), 1))
    added = {name: path for name, path in child.job["assets"].items() if name not in usual}
    assert {name.rsplit("-", 3)[0] for name in added} == {
        "noto-sans-devanagari",
        "noto-sans-kr",
        "noto-sans-sc",
    }
    for name, path in added.items():
        assert Path(path).name == name
        assert f'src:url("asset:{name}") format("woff2")' in child.job["before"]
    draw(payload(person=person(first_name="姅")))
    assert child.job["assets"] == usual


def test_every_part_of_the_fonts_of_other_scripts_is_installed() -> None:
    for family in other_scripts._FAMILIES:
        parts = other_scripts._parts(family)
        assert parts
        assert [path.name for path, _codes in parts if not path.is_file()] == []


def test_without_the_front_end_libraries_a_page_is_drawn_with_the_numbers(
    child: Child, settings: Settings, tmp_path: Path
) -> None:
    settings.NODE_MODULES = tmp_path
    other_scripts._parts.cache_clear()
    try:
        draw(payload(person=person(first_name="小明")))
    finally:
        other_scripts._parts.cache_clear()
    assert not [name for name in child.job["assets"] if name.startswith("noto-sans")]


# -- The receipt


def test_the_job_of_a_receipt_has_its_statement_labels_and_qr_code(child: Child) -> None:
    with translation.override("en"):  # dossiers and receipts are in French for any page language
        content = render_receipt(
            payload(), facts=facts(), address="https://exemple.invalid/verifier/", in_english_too=False
        )
    assert content == b"%PDF"
    assert child.job["receipt"] == {
        "facts": facts().canonical().decode(),
        "words": "Signature numérique du portail",
    }
    assert (child.job["parts"], child.job["cpu_seconds"], child.job["archival"]) == ([], 30, True)
    assert child.files.keys() == {"job.json", "code.svg"}
    assert Path(child.job["assets"]["code.svg"]).name == "code.svg"
    assert child.prepared["assets"] == {
        name: path for name, path in child.job["assets"].items() if name != "code.svg"
    }, "what is read before all receipts is not one person's"
    svg = child.files["code.svg"].decode()
    # No fixed size and no margin. 29 modules hold this address with error correction of a fifth.
    assert svg.startswith('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 29 29" class="segno">')
    assert 'stroke="#223654"' in svg
    said = " ".join((child.job["before"] + child.job["after"]).split())
    assert f"<title>Accusé de réception {NUMBER} — Maïté Côté-L’Écuyer</title>" in said
    assert facts().code in said
    assert "https://exemple.invalid/verifier/" in said
    assert 'class="again in-english"' not in said


def test_a_receipt_has_an_english_section_on_request(child: Child) -> None:
    render_receipt(payload(), facts=facts(), address="https://exemple.invalid/", in_english_too=True)
    assert '<section class="again in-english" lang="en-CA">' in child.job["before"]


# -- A table


def test_a_table_is_rendered_in_the_language_of_the_request(child: Child) -> None:
    for language, spoken in (("fr", "fr-CA"), ("en", "en-CA")):
        with translation.override(language):
            content = render_table(
                title="Candidatures",
                subject="2027-020",
                portal="Portail",
                facts=[("Produit le", "30 septembre")],
                columns=[TableColumn("Nom", 40), TableColumn("Rang", 20)],
                rows=[("Côté <b>", "1"), ("Tremblay", "2")],
            )
        assert content == b"%PDF"
        said = " ".join(child.job["before"].split())
        for part in (
            f'lang="{spoken}"',
            "<title>Candidatures</title>",
            "Portail",
            '<p class="name subject">2027-020</p>',
            '<th scope="row">Produit le</th> <td>30 septembre</td>',
            '<col style="width: 40mm"><col style="width: 20mm">',
            '<th scope="col">Nom</th><th scope="col">Rang</th>',
            "<td>Côté &lt;b&gt;</td><td>1</td>",
            "<td>Tremblay</td><td>2</td>",
        ):
            assert part in said
        assert (child.job["parts"], child.job["receipt"], list(child.files)) == ([], None, ["job.json"])


# -- The text of a cover ---


def context(made: Payload) -> dict[str, Any]:
    with translation.override("fr"):
        return render._context("Dossier %(number)s — %(name)s", made, NUMBER, AT, DIGEST)


def test_the_cover_is_rendered_from_the_payload(settings: Settings) -> None:
    settings.PORTAL_NAME = "Le portail"
    made = payload()
    found = context(made)
    findings = found.pop("findings")
    assert found == {
        "title": f"Dossier {NUMBER} — Maïté Côté-L’Écuyer",
        "payload": made,
        "person": made.person,
        "call": made.call,
        "dates_label": "Dates du stage",
        "starts_on": date(2027, 1, 11),
        "ends_on": date(2027, 7, 9),
        "closes_at": datetime(2026, 10, 2, 4, tzinfo=UTC),
        "verdict": render.VERDICTS["NEEDS_REVIEW"],
        "tally": "5 critères respectés, 1 critère à examiner par une personne",
        "number": NUMBER,
        "received_at": AT,
        "digest": DIGEST,
        "portal": "Le portail",
    }
    assert found["closes_at"].isoformat() == "2026-10-02T00:00:00-04:00"
    assert [finding["reason"] for finding in findings] == list(REASONS.values())
    assert [finding["clause"]["text"] for finding in findings] == list(CLAUSES.values())
    assert [finding["outcome"].tone for finding in findings] == ["met"] * 5 + ["human"]
    assert findings[1] == {
        "criterion": "Âge",
        "outcome": render.OUTCOMES["MET"],
        "advisory": False,
        "reason": REASONS["AGE"],
        "clause": {"reference": "Admissibilité, 2", "text": CLAUSES["AGE"]},
    }


def test_the_instants_on_the_cover_are_in_the_time_zone_of_the_offer() -> None:
    made = payload()
    found = context(replace(made, call=replace(made.call, time_zone="America/Vancouver")))
    assert {str(found[name].tzinfo) for name in ("closes_at", "received_at")} == {"America/Vancouver"}


def test_a_reason_on_the_cover_is_about_the_candidate_and_not_to_them() -> None:
    sealed = verdict()
    sealed["findings"][0]["reason_fr"] = "Votre date de naissance, le 4 mai 2003, vous donne 22 ans."
    found = context(payload(verdict=sealed))
    assert found["findings"][0]["reason"] == "La date de naissance, le 4 mai 2003, donne 22 ans."


def test_the_cover_uses_the_labels_of_the_programme_and_omits_missing_days() -> None:
    made = payload()
    call = replace(made.call, programme="Stages d’été", dates_label="Séjour", starts_on="", ends_on="")
    advice = verdict()
    advice["findings"][0]["effect"] = "ADVISE"
    found = context(replace(made, call=call, verdict=advice))
    assert (found["portal"], found["dates_label"]) == ("Stages d’été", "Séjour")
    assert (found["starts_on"], found["ends_on"]) == (None, None)
    assert [finding["advisory"] for finding in found["findings"]] == [True, *[False] * 5]


def test_each_outcome_has_its_label_and_tone() -> None:
    with translation.override("fr"):
        said = {
            code: (str(word.label), word.tone) for code, word in (render.OUTCOMES | render.VERDICTS).items()
        }
    assert said == {
        "MET": ("Respecté", "met"),
        "NOT_MET": ("Non respecté", "not-met"),
        "UNKNOWN": ("Réponse manquante", "unknown"),
        "HUMAN": ("À examiner par une personne", "human"),
        "ELIGIBLE": ("Admissible d’après les réponses déposées", "met"),
        "NEEDS_REVIEW": ("Une personne examinera un critère", "human"),
        "INCOMPLETE": ("Il manque des réponses pour conclure", "unknown"),
        "INELIGIBLE": ("Non admissible d’après les réponses ; révision demandée", "not-met"),
    }
