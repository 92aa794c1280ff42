"""The sentence of an offer from which a criterion comes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clause:
    """A quotation from the offer: its place (`reference`) and its text (`text`). Either may be None (unknown)."""

    reference: str | None = None
    text: str | None = None

    def as_json(self) -> dict[str, object]:
        """Return the JSON object of a clause (`docs/contracts.md`) without its empty fields: `{}` if all are."""
        json: dict[str, object] = {}
        if self.reference is not None:
            json["reference"] = self.reference
        if self.text is not None:
            json["text"] = self.text
        return json
