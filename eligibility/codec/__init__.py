"""JSON of the eligibility package (`docs/contracts.md`): strict when read, canonical when written."""

from eligibility.canonical import canonical, digest
from eligibility.codec.json_parsing import MalformedError, parse
from eligibility.codec.readers import facts_from_json, rulebook_from_json, verdict_from_json

__all__ = [
    "MalformedError",
    "canonical",
    "digest",
    "facts_from_json",
    "parse",
    "rulebook_from_json",
    "verdict_from_json",
]
