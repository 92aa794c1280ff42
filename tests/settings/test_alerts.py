"""Alert rules of the security events: each names kinds that exist, and each has its advice."""

import re
from typing import Any

import yaml

from intake.web.security_events import REPEATED, Kind
from tests.settings.environment import ROOT

TEXT = (ROOT / "deploy" / "alerts" / "security.yaml").read_text(encoding="utf-8")
RULES: list[dict[str, Any]] = [rule for group in yaml.safe_load(TEXT)["groups"] for rule in group["rules"]]
FIELDS = {"kind", "reason", "address", "account", "subject", "count", "client", "route"}


def kinds_of(rule: dict[str, Any]) -> set[str]:
    return set(re.findall(r'\bkind="(\w+)"', rule["expr"]))


def test_each_kind_has_an_alert_or_a_reason_for_none() -> None:
    alerted = set().union(*map(kinds_of, RULES))
    excused = set(re.findall(r"^# ([A-Z_]+): \w.{30,}$", TEXT, re.MULTILINE))
    assert (alerted | excused, alerted & excused) == ({kind.value for kind in Kind}, set())


def test_an_alert_reads_only_fields_that_a_line_has() -> None:
    for rule in RULES:
        read = set(re.findall(r'\| (\w+)!?=~?"', rule["expr"])) | set(
            re.findall(r"unwrap (\w+)", rule["expr"])
        )
        by = {name for names in re.findall(r"by \((.*?)\)", rule["expr"]) for name in names.split(", ")}
        assert read | by <= FIELDS, rule["alert"]
        assert set(re.findall(r'reason="(\w+)"', rule["expr"])) <= {REPEATED}


def test_a_rule_has_the_form_that_a_ruler_loads() -> None:
    assert len({rule["alert"] for rule in RULES}) == len(RULES) > 5
    for rule in RULES:
        assert rule.keys() == {"alert", "expr", "labels", "annotations"}
        assert rule["labels"]["severity"] in {"info", "warning", "critical"}
        expression = rule["expr"]
        assert all(expression.count(first) == expression.count(last) for first, last in ("()", "{}", "[]"))
        assert expression.count("`") == 2
        assert re.search(r"\[\d+[mh]\]", expression)
        assert rule["annotations"]["summary"].endswith(".")


def test_each_alert_has_its_advice_in_the_manual() -> None:
    page = (ROOT / "docs" / "operations" / "security-events.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE) == [rule["alert"] for rule in RULES]
