"""No lock file has a package below the security floor that requirements/floors.toml sets, whatever the network says."""

import re
import tomllib
from collections.abc import Mapping, Sequence

import pytest
from packaging.version import Version

from tests.supply_chain.locks import PYTHON_LOCKS, ROOT, npm_pins, pins_of

FLOORS: dict[str, dict[str, list[str]]] = tomllib.loads(
    (ROOT / "requirements" / "floors.toml").read_text(encoding="utf-8")
)
PYTHON = [(name, pin.version) for lock in PYTHON_LOCKS for name, pin in pins_of(lock).items()]
NPM = [(pin.name, pin.version) for pin in npm_pins()]


def _below(floors: Mapping[str, Sequence[str]], locked: Sequence[tuple[str, str]]) -> list[str]:
    """Return each locked version that is below its floor, with the advisory."""
    return [
        f"{name} {version} is below {floors[name][0]} ({floors[name][1]})"
        for name, version in locked
        if name in floors and Version(version) < Version(floors[name][0])
    ]


def test_no_locked_package_is_below_its_security_floor() -> None:
    assert _below(FLOORS["python"], PYTHON) == []
    assert _below(FLOORS["npm"], NPM) == []


def test_each_floor_is_of_a_locked_package_and_cites_its_advisory() -> None:
    assert FLOORS["python"].keys() - dict(PYTHON).keys() == set()
    assert FLOORS["npm"].keys() - dict(NPM).keys() == set()
    rows = {**FLOORS["python"], **FLOORS["npm"]}
    advisory = re.compile(r"CVE-\d{4}-\d{4,}|GHSA(-[a-z0-9]{4}){3}|PYSEC-\d{4}-\d+")
    assert {name for name, (_floor, cited, _why) in rows.items() if not advisory.fullmatch(cited)} == set()


@pytest.mark.parametrize(
    "version, found",
    [
        ("22.0.0", ["gunicorn 22.0.0 is below 23.0.0 (CVE-2024-6827)"]),
        ("23.0.0rc1", ["gunicorn 23.0.0rc1 is below 23.0.0 (CVE-2024-6827)"]),
        ("23.0.0", []),
        ("100.0", []),
    ],
)
def test_a_version_below_its_floor_is_found(version: str, found: list[str]) -> None:
    assert _below(FLOORS["python"], [("other", "0.1"), ("gunicorn", version)]) == found
