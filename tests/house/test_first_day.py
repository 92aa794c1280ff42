"""`scripts/first_day`: its page, its packages and its answers are those of the image, the contracts and the example."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.house.contracts import codes, rows
from tests.house.processes import ROOT, files_of

SCRIPT = (ROOT / "scripts" / "first_day").read_text(encoding="utf-8")
EXAMPLE = (ROOT / "deploy" / "intake.env.example").read_text(encoding="utf-8")
PAGE = (ROOT / "docs" / "operations" / "first-day.md").read_text(encoding="utf-8")


def test_the_page_has_each_step_in_its_order() -> None:
    steps = [
        name.replace(" $version", "").replace("$etc", "/etc/intake")
        for name in re.findall(r'^step "(.+?)" ', SCRIPT, re.MULTILINE)
    ]
    table = PAGE.partition("| step | what it does |\n|---|---|\n")[2].partition("\n\n")[0]
    assert re.findall(r"^\| (.+?) \|", table, re.MULTILINE) == steps


def test_a_server_gets_each_package_that_the_image_has() -> None:
    image = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    lists = re.findall(r"apt-get install -y --no-install-recommends (?:\\\n)?(.+)", image)
    of_the_image = {package.strip("\\") for packages in lists for package in packages.split()} - {""}
    needed = re.search(r'^needed="(.+?)"', SCRIPT, re.MULTILINE | re.DOTALL)
    assert needed is not None
    assert of_the_image - set(needed[1].split()) == set()


def test_each_variable_that_serving_needs_has_an_answer_a_secret_or_an_example(tmp_path: Path) -> None:
    asked = set(re.findall(r"[A-Z_]+", re.findall(r'^asked="(.+)"', SCRIPT, re.MULTILINE)[0]))
    subprocess.run(
        ["sh", str(ROOT / "scripts" / "secrets"), str(tmp_path / "intake"), "a:1", "b:2"], check=True
    )
    made = {
        name
        for file in (tmp_path / "intake").glob("*.env")
        for name in re.findall(r"^([A-Z_]+)=", file.read_text(), re.MULTILINE)
    }
    given = set(re.findall(r"^([A-Z_]+)=", EXAMPLE.partition("# ==== portal.env")[0], re.MULTILINE)) - asked
    needed = {codes(cells[0])[0] for cells in rows("variable") if len(cells) == 4 and cells[1]}
    assert needed - asked - made - given == {"SIGNING_CERTIFICATE"}, "`signing_keys --web` prints that one"
    assert not asked & made


def test_secrets_of_a_server_lead_to_its_own_servers_and_are_kept(tmp_path: Path) -> None:
    folder = tmp_path / "intake"
    command = ["sh", str(ROOT / "scripts" / "secrets"), str(folder), "127.0.0.1:5433", "127.0.0.1:6380"]
    assert subprocess.run(command, check=False, capture_output=True).returncode == 0
    first = {file.name: file.read_text() for file in folder.iterdir()}
    assert subprocess.run(command, check=False, capture_output=True).returncode == 1
    assert {file.name: file.read_text() for file in folder.iterdir()} == first
    assert "@127.0.0.1:5433/intake\n" in first["portal.env"]
    assert "@127.0.0.1:6380/0\n" in first["portal.env"]
    assert {*files_of("web"), *files_of("worker"), *files_of("migrate")} <= first.keys()
    assert list(tmp_path.iterdir()) == [folder]


@pytest.mark.parametrize("name", ["scripts/first_day", "deploy/intake-manage", "scripts/secrets"])
def test_the_script_is_valid_in_a_plain_shell(name: str) -> None:
    dash = shutil.which("dash") or "sh"
    assert subprocess.run([dash, "-n", str(ROOT / name)], check=False).returncode == 0
