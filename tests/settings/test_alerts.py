"""Alert rules: each names kinds that exist, each kind has a rule or a reason for none, and each rule has its advice."""

import re
from enum import StrEnum
from typing import Any

import pytest
import yaml

from intake.web.metrics import Metric
from intake.web.security_events import REPEATED, Kind
from tests.settings.environment import ROOT

FILES = ("security", "operations")
TEXTS = {name: (ROOT / "deploy" / "alerts" / f"{name}.yaml").read_text(encoding="utf-8") for name in FILES}
RULES: dict[str, list[dict[str, Any]]] = {
    name: [rule for group in yaml.safe_load(text)["groups"] for rule in group["rules"]]
    for name, text in TEXTS.items()
}
PAGES = {"security": "security-events", "operations": "metrics"}
KINDS: dict[str, type[StrEnum]] = {"security": Kind, "operations": Metric}
FIELDS = {
    "security": {"kind", "reason", "address", "account", "subject", "count", "client", "route"},
    "operations": {"kind", "reason", "server", "queue", "waiting", "oldest_seconds"},
}
either = pytest.mark.parametrize("file", FILES)


def kinds_of(rule: dict[str, Any]) -> set[str]:
    return set(re.findall(r'\bkind="(\w+)"', rule["expr"]))


@either
def test_each_kind_has_an_alert_or_a_reason_for_none(file: str) -> None:
    alerted = set().union(*map(kinds_of, RULES[file]))
    excused = set(re.findall(r"^# ([A-Z_]+): \w.{30,}$", TEXTS[file], re.MULTILINE))
    assert (alerted | excused, alerted & excused) == ({kind.value for kind in KINDS[file]}, set())


def test_the_outage_of_each_server_has_an_alert() -> None:
    portal = "".join(path.read_text() for path in (ROOT / "intake").rglob("*.py"))
    servers = set(re.findall(r'CircuitBreaker\("the ([\w ]+)"', portal))
    named = re.findall(r'server=~?"([\w| ]+)"', TEXTS["operations"])
    assert servers == {"storage", "virus scanner", "broker", "cache"}
    assert sorted("|".join(named).split("|")) == sorted(servers)


@either
def test_an_alert_reads_only_fields_that_a_line_has(file: str) -> None:
    for rule in RULES[file]:
        read = set(re.findall(r'\| (\w+)!?=~?"', rule["expr"])) | set(
            re.findall(r"unwrap (\w+)", rule["expr"])
        )
        by = {name for names in re.findall(r"by \((.*?)\)", rule["expr"]) for name in names.split(", ")}
        assert read | by <= FIELDS[file], rule["alert"]
        assert set(re.findall(r'reason="(\w+)"', rule["expr"])) <= {REPEATED}


@either
def test_a_rule_has_the_form_that_a_ruler_loads(file: str) -> None:
    assert len({rule["alert"] for rule in RULES[file]}) == len(RULES[file]) > 5
    for rule in RULES[file]:
        assert rule.keys() == {"alert", "expr", "labels", "annotations"}
        assert rule["labels"]["severity"] in {"info", "warning", "critical"}
        expression = rule["expr"]
        assert all(expression.count(first) == expression.count(last) for first, last in ("()", "{}", "[]"))
        assert expression.count("`") == 2
        assert re.search(r"\[\d+[mh]\]", expression)
        assert rule["annotations"]["summary"].endswith(".")


@either
def test_each_alert_has_its_advice_in_the_manual(file: str) -> None:
    page = (ROOT / "docs" / "operations" / f"{PAGES[file]}.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `([A-Z]\w+)` \|", page, re.MULTILINE) == [rule["alert"] for rule in RULES[file]]
