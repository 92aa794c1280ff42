"""`python -m eligibility`: one line in, one line out, and exit codes for scripts."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from eligibility import evaluate
from eligibility.codec import facts_from_json, rulebook_from_json
from tests.eligibility.examples import FACTS, RULEBOOK

ROOT = Path(__file__).parents[2]
LINE = json.dumps(FACTS, ensure_ascii=False)
PATIENCE = 30
# As in a shell: output is buffered unless the command flushes it.
BUFFERED = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}


@pytest.fixture
def rulebook(tmp_path: Path) -> Path:
    """Return the file of the example of `docs/contracts.md`."""
    path = tmp_path / "rulebook.json"
    path.write_text(json.dumps(RULEBOOK, ensure_ascii=False), encoding="utf-8")
    return path


def run(*arguments: str | Path, lines: str | bytes = "") -> subprocess.CompletedProcess[bytes]:
    """Run the command with these lines on standard input."""
    given = lines.encode() if isinstance(lines, str) else lines
    command = [sys.executable, "-m", "eligibility", *map(str, arguments)]
    return subprocess.run(
        command, cwd=ROOT, env=BUFFERED, input=given, capture_output=True, timeout=PATIENCE, check=False
    )


def verdicts(done: subprocess.CompletedProcess[bytes]) -> list[dict[str, Any]]:
    """Return the printed verdicts."""
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def error_line(done: subprocess.CompletedProcess[bytes]) -> str:
    """Return the only line of an error."""
    assert done.returncode == 2
    message = done.stderr.decode()
    assert message.count("\n") == 1
    assert message.endswith("\n")
    assert "Traceback" not in message
    return message


def test_each_line_has_its_verdict_in_order(rulebook: Path) -> None:
    people: list[dict[str, Any]] = [FACTS, {}, {"past_participant": True}, {"birth_date": "1988-01-15"}]
    done = run("--rulebook", rulebook, lines="".join(f"{json.dumps(facts)}\n" for facts in people))
    assert (done.returncode, done.stderr) == (0, b"")
    rules = rulebook_from_json(RULEBOOK)
    assert verdicts(done) == [evaluate(rules, facts_from_json(facts)).as_json() for facts in people]
    assert done.stdout.count(b"\n") == len(people)
    assert "une maîtrise en cours".encode() in done.stdout, "accents are not escaped"


@pytest.mark.parametrize(
    "line,where",
    [
        ('{"studies": [{"level": "MBA"}]}', "line 3: studies[0].level: "),
        (b'{"a": "\xff"}', "line 3: JSON: byte 8 "),
        ('{"attests_writing": {"a\\nb\\ud800": 1}}', 'line 3: attests_writing."a\\nb\\ud800": '),
    ],
)
def test_a_malformed_line_stops_the_command_after_the_earlier_verdicts(
    rulebook: Path, line: str | bytes, where: str
) -> None:
    bad = line.encode() if isinstance(line, str) else line
    good = LINE.encode()
    done = run("--rulebook", rulebook, lines=b"\n".join([good, good, bad, good, b"{also bad"]))
    assert where in error_line(done)
    assert len(verdicts(done)) == 2


@pytest.mark.parametrize(
    "text,where",
    [
        (json.dumps({**RULEBOOK, "criteria": [{"kind": "HEIGHT"}]}), "criteria[0].kind: "),
        ('{"schema": 1,\n "reference" }', "line 2, column 14"),
    ],
)
def test_a_malformed_rulebook_is_refused_before_any_line(tmp_path: Path, text: str, where: str) -> None:
    path = tmp_path / "rulebook.json"
    path.write_text(text, encoding="utf-8")
    done = run("--rulebook", path, lines=LINE)
    message = error_line(done)
    assert str(path) in message
    assert where in message
    assert done.stdout == b""


def test_a_missing_rulebook_is_refused(tmp_path: Path) -> None:
    assert "No such file" in error_line(run("--rulebook", tmp_path / "none.json", lines=LINE))
    assert "directory" in error_line(run("--rulebook", tmp_path, lines=LINE))


@pytest.mark.parametrize("arguments", [[], ["--rulebook", "a", "b"]])
def test_bad_arguments_are_refused_in_one_line(arguments: list[str]) -> None:
    assert error_line(run(*arguments)).startswith("eligibility: ")


def test_a_verdict_is_written_before_the_next_line_is_read(rulebook: Path) -> None:
    # One criterion only: a verdict on all is longer than the buffer and is written even without a flush.
    age_alone = RULEBOOK | {"criteria": [one for one in RULEBOOK["criteria"] if one["kind"] == "AGE"]}
    rulebook.write_text(json.dumps(age_alone))
    command = [sys.executable, "-m", "eligibility", "--rulebook", str(rulebook)]
    with subprocess.Popen(
        command, cwd=ROOT, env=BUFFERED, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        too_late = threading.Timer(PATIENCE, process.kill)
        too_late.start()
        try:
            for outcome, facts in (("ELIGIBLE", FACTS), ("INCOMPLETE", {})):
                process.stdin.write(json.dumps(facts).encode() + b"\n")
                process.stdin.flush()
                assert json.loads(process.stdout.readline())["outcome"] == outcome
            process.stdin.close()
            assert process.wait(PATIENCE) == 0
        finally:
            too_late.cancel()


def test_a_closed_output_is_not_an_error(rulebook: Path) -> None:
    command = [sys.executable, "-m", "eligibility", "--rulebook", str(rulebook)]
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=BUFFERED,
            input=f"{LINE}\n".encode() * 50,
            stdout=writing,
            stderr=subprocess.PIPE,
            timeout=PATIENCE,
            check=False,
        )
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_failed_write_of_a_verdict_is_reported(rulebook: Path, tmp_path: Path) -> None:
    # A limit of 0 bytes per file: a write fails as on a full disk, on every system.
    command = (
        f'ulimit -f 0; exec "{sys.executable}" -m eligibility --rulebook "{rulebook}" > "{tmp_path / "out"}"'
    )
    done = subprocess.run(
        ["sh", "-c", command],
        cwd=ROOT,
        env=BUFFERED,
        input=LINE.encode(),
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == b"eligibility: standard input or output: File too large\n"


def test_the_rules_import_only_themselves_and_the_standard_library() -> None:
    program = (
        "import sys; before = set(sys.modules); import eligibility.__main__;"
        "print(*{name.partition('.')[0] for name in set(sys.modules) - before} - set(sys.stdlib_module_names))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    assert done.stdout.split() == ["eligibility"]
