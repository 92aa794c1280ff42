"""The sentence of an offer that a criterion stands on."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clause:
    """Quote the offer: where the sentence is (`reference`) and what it says (`text`); each may be unknown."""

    reference: str | None = None
    text: str | None = None

    def as_json(self) -> dict[str, object]:
        """Return the contract's object; what is unknown is left out, so an empty clause is `{}`."""
        json: dict[str, object] = {}
        if self.reference is not None:
            json["reference"] = self.reference
        if self.text is not None:
            json["text"] = self.text
        return json
