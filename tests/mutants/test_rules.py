"""The exhaustive run of the rules of eligibility: its changes, and that it detects their effects."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutants import rules
from tests.mutants.python_changes import mutants_of

ROOT = Path(__file__).parents[2]


def changes(source: str) -> list[str]:
    """Return the text of each mutant."""
    return [one.applied(source) for one in mutants_of("module.py", source, rules._SCOPE)]


@pytest.mark.full
def test_the_smallest_module_has_no_survivor(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.mutants.rules", "eligibility/criteria/other.py"),
            *("--out", str(tmp_path / "mutants.json")),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].split() == ["all", "9", "9", "0", "0"]


def test_an_unknown_module_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert rules.main(["eligibility/canonical.py"]) == 2
    assert "eligibility/canonical.py is not one of eligibility/ages.py" in capsys.readouterr().err
