"""`manage.py check_eligibility`: the rules' command line for a stored offer."""

import io
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from eligibility import __main__ as command_of_the_rules
from intake.devtools.demonstration.offers import load_demonstration
from offers.models import Offer, RulebookVersion
from offers.services.creating import create_offer
from offers.services.rulebooks import draft_rulebook, publish_rulebook
from tests.eligibility.examples import FACTS

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 24, tzinfo=UTC)
LINE = json.dumps(FACTS)


@pytest.fixture(autouse=True)
def offers() -> list[Offer]:
    return load_demonstration(at=AT)


class CommandInput:
    """Feeds lines to a command's standard input and records its output."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self.printed = io.StringIO()

    def check(self, *lines: str, number: str = "2023-020") -> list[dict[str, Any]]:
        """Return the verdicts of these lines."""
        given = io.TextIOWrapper(io.BytesIO("".join(f"{line}\n" for line in lines).encode()))
        self._monkeypatch.setattr(sys, "stdin", given)
        self.printed = io.StringIO()
        call_command("check_eligibility", "--offer", number, stdout=self.printed)
        return self.verdicts

    @property
    def verdicts(self) -> list[dict[str, Any]]:
        """The verdicts printed so far."""
        return [json.loads(line) for line in self.printed.getvalue().splitlines()]


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> CommandInput:
    return CommandInput(monkeypatch)


def test_each_line_has_its_verdict_in_order(given: CommandInput) -> None:
    verdicts = given.check(LINE, "{}", '{"past_participant": true}', '{"birth_date": "1988-01-15"}')
    assert [one["outcome"] for one in verdicts] == ["ELIGIBLE", "INCOMPLETE", "INELIGIBLE", "INELIGIBLE"]
    (version,) = RulebookVersion.objects.filter(offer__number="2023-020")
    assert {one["rulebook_digest"] for one in verdicts} == {version.digest}


def test_the_command_prints_the_same_as_the_command_of_the_rules(
    given: CommandInput, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    version = RulebookVersion.objects.get(offer__number="2023-020")
    path = tmp_path / "rulebook.json"
    path.write_text(json.dumps(version.as_json()), encoding="utf-8")
    given.check(LINE, "{}")
    sys.stdin.seek(0)
    done = subprocess.run(
        [sys.executable, "-m", "eligibility", "--rulebook", str(path)],
        input=f"{LINE}\n{{}}\n".encode(),
        capture_output=True,
        cwd=Path(command_of_the_rules.__file__).parents[1],
        check=True,
    )
    assert done.stdout.decode() == given.printed.getvalue()
    assert capfdbinary.readouterr().err == b""


def test_a_malformed_line_stops_the_command_after_the_earlier_verdicts(given: CommandInput) -> None:
    with pytest.raises(CommandError) as refused:
        given.check(LINE, "{}", '{"studies": [{"level": "MBA"}]}', LINE)
    assert refused.value.returncode == 2
    assert str(refused.value).startswith("line 3: studies[0].level: must be one of ")
    assert [one["outcome"] for one in given.verdicts] == ["ELIGIBLE", "INCOMPLETE"]


def test_an_unknown_offer_is_refused(given: CommandInput) -> None:
    with pytest.raises(CommandError, match="aucune offre ne porte le numéro 2031-999") as refused:
        given.check(LINE, number="2031-999")
    assert refused.value.returncode == 2
    assert given.verdicts == []


def draft_without_criteria(like: Offer) -> Offer:
    """Return a draft offer with the same dates as another one."""
    return create_offer(
        at=AT,
        number="2029-001",
        organisation="Une organisation",
        starts_on=like.starts_on,
        ends_on=like.ends_on,
        opens_at=like.opens_at,
        closes_on=like.closes_on,
        closes_at=like.closes_at,
    )


def test_an_offer_without_criteria_is_refused(given: CommandInput, offers: list[Offer]) -> None:
    draft_without_criteria(offers[0])
    with pytest.raises(CommandError, match="2029-001 n’a pas de critères") as refused:
        given.check(LINE, number="2029-001")
    assert refused.value.returncode == 2


def test_the_current_version_of_the_criteria_is_evaluated(given: CommandInput, offers: list[Offer]) -> None:
    skills = [{"kind": "SKILLS", "effect": "BLOCK", "clause": {}}]
    draft_rulebook(offer=offers[0], criteria=skills, at=AT, reason="Essai.")
    assert len(given.check(LINE)[0]["findings"]) == 8
    publish_rulebook(offer=offers[0], criteria=skills, at=AT, reason="Correction.")
    assert len(given.check(LINE)[0]["findings"]) == 1


def test_unreadable_criteria_are_refused_with_their_field(given: CommandInput, offers: list[Offer]) -> None:
    draft = draft_without_criteria(offers[0])
    RulebookVersion.objects.create(offer=draft, number=1, criteria=[{"kind": "HEIGHT"}], created_at=AT)
    with pytest.raises(CommandError, match=r"mal formés.*criteria\[0\]\.kind") as refused:
        given.check(LINE, number="2029-001")
    assert refused.value.returncode == 2


def test_a_closed_output_is_not_an_error(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as gone, monkeypatch.context() as patched:
        patched.setattr(sys, "stdout", gone)
        patched.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(LINE.encode())))
        call_command("check_eligibility", "--offer", "2023-020", stdout=gone)
    assert capfd.readouterr().err == ""
