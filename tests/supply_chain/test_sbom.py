"""The bill of materials lists exactly what is installed, and the lock files pin every package by its digest."""

import json
from importlib.metadata import distributions
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from tests.supply_chain import locks, sbom
from tests.supply_chain.locks import NPM_LOCK, PORTAL, PYTHON_LOCKS, ROOT, npm_pins, pins_of

_BROUGHT_BY_THE_ENVIRONMENT = {"pip", "setuptools"}
"""Installed by `python -m venv`, before the locks."""


def test_the_bill_lists_each_installed_package_and_no_other() -> None:
    listed = {row["name"]: row["version"] for row in sbom.bill_of_materials()["components"]}
    python = {canonicalize_name(found.name): found.version for found in distributions()}
    caddy = {name: pin.version for name, pin in pins_of(ROOT / "requirements" / "proxy.txt").items()}
    modules = json.loads((ROOT / "node_modules" / ".package-lock.json").read_text())["packages"]
    front_end = {path.rpartition("node_modules/")[2]: row["version"] for path, row in modules.items()}
    expected = {name: version for name, version in python.items() if name not in _BROUGHT_BY_THE_ENVIRONMENT}
    assert {**expected, **front_end} == {name: found for name, found in listed.items() if name not in caddy}
    assert sbom.differences() == []


def test_each_component_has_a_licence_and_a_place_in_the_graph() -> None:
    document = sbom.bill_of_materials()
    references = {row["bom-ref"] for row in document["components"]}
    assert len(references) == len(document["components"])
    assert [row["name"] for row in document["components"] if not row["licenses"][0]["expression"]] == []
    needed = {reference for row in document["dependencies"] for reference in row["dependsOn"]}
    assert {row["ref"] for row in document["dependencies"]} - {PORTAL} <= references
    assert references - needed == set()


def test_what_the_portal_runs_on_is_separate_from_what_tests_it() -> None:
    scopes = {row["name"]: row["scope"] for row in sbom.bill_of_materials()["components"]}
    required = {
        name for name, pin in pins_of(ROOT / "requirements" / "base.txt").items() if pin.is_for_this_platform
    }
    assert {name for name, scope in scopes.items() if scope == "required"} == required | {
        "@expo-google-fonts/noto-emoji",
        "@fontsource-variable/noto-sans-devanagari",
        "@fontsource-variable/noto-sans-jp",
        "@fontsource-variable/noto-sans-kr",
        "@fontsource-variable/noto-sans-sc",
        "@fontsource/open-sans",
        "@fontsource/roboto",
        "bootstrap",
    }


def test_the_command_writes_the_same_bytes_each_time(tmp_path: Path) -> None:
    paths = [tmp_path / "one.json", tmp_path / "two.json"]
    assert [sbom.main(["--out", str(path)]) for path in paths] == [0, 0]
    first, second = (path.read_bytes() for path in paths)
    assert first == second
    assert json.loads(first)["specVersion"] == "1.6"


def test_a_package_of_another_version_than_locked_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "base.txt"
    base = (ROOT / "requirements" / "base.txt").read_text()
    version = pins_of(ROOT / "requirements" / "base.txt")["django"].version
    other.write_text(base.replace(f"django=={version}", "django==0.96"))
    monkeypatch.setattr(sbom, "_LOCKS", {"base": other})
    out = tmp_path / "sbom.json"
    assert sbom.main(["--out", str(out)]) == 1
    assert not out.exists()
    assert capsys.readouterr().err == f"sbom: django is locked at 0.96, installed: {version}\n"


@pytest.mark.parametrize("lock", PYTHON_LOCKS, ids=lambda path: path.stem)
def test_each_python_package_is_pinned_by_its_digests(lock: Path) -> None:
    assert [name for name, pin in pins_of(lock).items() if not pin.hashes] == []
    text = lock.read_text()
    assert "://" not in text, "an address of an index, or of a file elsewhere"
    assert "--index" not in text


def test_each_front_end_package_is_pinned_by_its_digest() -> None:
    assert len(npm_pins()) > 100
    assert [pin.name for pin in npm_pins() if not pin.integrity.startswith("sha512-")] == []
    assert '"resolved"' not in NPM_LOCK.read_text()


def test_a_line_that_pins_no_package_is_refused(tmp_path: Path) -> None:
    lock = tmp_path / "base.txt"
    pinned = (
        "django==6.1 \\\n    --hash=sha256:"
        + "0" * 64
        + "\n    # via\n    #   intake-portal\n    #   other\n"
    )
    lock.write_text(pinned)
    assert pins_of(lock)["django"] == locks.Pin("django", "6.1", "", ("0" * 64,), (PORTAL, "other"))
    for line in (
        "other==1.0",
        "git+ssh://example.invalid/other",
        "-r other.txt",
        "other>=1 \\\n    --hash=sha256:1",
    ):
        lock.write_text(f"{pinned}{line}\n")
        with pytest.raises(ValueError, match="no pinned package"):
            pins_of(lock)
