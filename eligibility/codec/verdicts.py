"""Verdicts from and to JSON (`docs/contracts.md`): a stored verdict can be read back and compared."""

import re

from eligibility.codec.json_parsing import (
    MalformedError,
    as_array,
    as_choice,
    as_object,
    as_text,
    key_path,
    refuse_unknown,
    required,
)
from eligibility.codec.rulebooks import clause_from_json
from eligibility.verdict import CriterionKind, Effect, Finding, Outcome, Verdict, VerdictOutcome

_KEYS = frozenset({"outcome", "rulebook_digest", "facts_digest", "findings"})
_FINDING_KEYS = frozenset(
    {"kind", "outcome", "effect", "observed", "reason_fr", "reason_en", "would_pass", "clause"}
)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def verdict_from_json(obj: object) -> Verdict:
    """Read a verdict that `Verdict.as_json` wrote. It is not recomputed from rulebook and facts.

    :raises MalformedError: if `obj` has another shape than `docs/contracts.md` gives.
    """
    values = as_object(obj, "verdict")
    refuse_unknown(values, _KEYS, "")
    return Verdict(
        outcome=as_choice(VerdictOutcome, required(values, "outcome", ""), "outcome"),
        rulebook_digest=_digest(values, "rulebook_digest"),
        facts_digest=_digest(values, "facts_digest"),
        findings=tuple(
            _finding(finding, f"findings[{index}]")
            for index, finding in enumerate(as_array(required(values, "findings", ""), "findings"))
        ),
    )


def _finding(obj: object, path: str) -> Finding:
    values = as_object(obj, path)
    refuse_unknown(values, _FINDING_KEYS, path)

    def at(key: str) -> tuple[object, str]:
        return required(values, key, path), key_path(path, key)

    return Finding(
        kind=as_choice(CriterionKind, *at("kind")),
        outcome=as_choice(Outcome, *at("outcome")),
        effect=as_choice(Effect, *at("effect")),
        observed=as_object(*at("observed")),
        reason_fr=as_text(*at("reason_fr")),
        reason_en=as_text(*at("reason_en")),
        would_pass=as_object(*at("would_pass")),
        clause=clause_from_json(*at("clause")),
    )


def _digest(values: dict[str, object], key: str) -> str:
    text = as_text(required(values, key, ""), key)
    if not _DIGEST.fullmatch(text):
        raise MalformedError(key, "must be sha256: and 64 hexadecimal digits")
    return text
