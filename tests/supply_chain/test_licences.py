"""Every package of the lock files has a licence that requirements/licences.toml allows."""

import re
from importlib.metadata import Distribution
from pathlib import Path

import pytest

from tests.supply_chain.licences import UNKNOWN, LicenceTable, all_installed, installed
from tests.supply_chain.locks import PYTHON_LOCKS, npm_pins, pins_of

TABLE = LicenceTable.read()


def _licences() -> dict[str, str]:
    """Return the licence of each package of all locks."""
    here = all_installed()
    names = {name for lock in PYTHON_LOCKS for name in pins_of(lock)}
    python = {name: TABLE.licence_of(name, here.get(name)) for name in names}
    npm = {pin.name: pin.licence or TABLE.licence_of(pin.name, None) for pin in npm_pins()}
    return python | npm


def test_every_package_of_the_locks_has_an_allowed_licence() -> None:
    licences = _licences()
    assert len(licences) > 200
    assert {name: found for name, found in licences.items() if not TABLE.is_allowed(name, found)} == {}


def test_every_line_of_the_table_is_needed_by_a_package() -> None:
    licences = _licences()
    assert {*TABLE.exceptions, *TABLE.stated} - licences.keys() == set()
    used = {
        part for found in licences.values() for half in found.split(" OR ") for part in half.split(" AND ")
    }
    assert TABLE.allowed.keys() - used == set()
    said = {
        str(text).strip()
        for found in installed().values()
        for text in (found.metadata.get("License"), *_classified(found))
    }
    assert {*TABLE.words, *TABLE.classifiers} - said == set()


def test_a_wheel_that_lists_libraries_under_the_gpl_is_an_exception() -> None:
    """Its metadata state the licence of its own source."""
    listed = {
        name
        for name, found in installed().items()
        for file in found.files or ()
        if re.search(r"\.dist-info/.*(?:licen[cs]e|notice)", str(file), re.IGNORECASE)
        if re.search(rb"^License: L?GPL", file.read_binary(), re.MULTILINE)
    }
    assert "pillow-heif" in listed
    assert listed - TABLE.exceptions.keys() == set()


def _classified(found: Distribution) -> list[str]:
    return [row.rpartition(" :: ")[2] for row in found.metadata.get_all("Classifier") or ()]


@pytest.mark.parametrize(
    "stated, licence, allowed",
    [
        ("License-Expression: MIT", "MIT", True),
        ("License-Expression: MIT AND AGPL-3.0-only", "MIT AND AGPL-3.0-only", False),
        ("License-Expression: AGPL-3.0-only OR Apache-2.0", "AGPL-3.0-only OR Apache-2.0", True),
        ("License: apache-2.0", "Apache-2.0", True),
        ("License: New BSD", "BSD-3-Clause", True),
        ("License: Free for friends", UNKNOWN, False),
        ("License: SSPL-1.0", "SSPL-1.0", False),
        ("Classifier: License :: OSI Approved :: MIT License", "MIT", True),
        ("Classifier: License :: OSI Approved :: GNU Affero General Public License v3", UNKNOWN, False),
        ("Summary: says nothing", UNKNOWN, False),
    ],
)
def test_an_unknown_or_forbidden_licence_is_found(
    tmp_path: Path, stated: str, licence: str, *, allowed: bool
) -> None:
    folder = tmp_path / "other-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.4\nName: other\nVersion: 1.0\n{stated}\n")
    found = TABLE.licence_of("other", installed(tmp_path)["other"])
    assert (found, TABLE.is_allowed("other", found)) == (licence, allowed)


def test_an_exception_is_for_one_package_and_one_licence() -> None:
    assert TABLE.is_allowed("djlint", "GPL-3.0-or-later")
    assert not TABLE.is_allowed("djlint", "AGPL-3.0-only")
    assert not TABLE.is_allowed("other", "GPL-3.0-or-later")
