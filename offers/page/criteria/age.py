"""AGE: bounds in completed years, on a reference day of the offer."""

import re

from .sentence import NUMBER, ParsedCriterion, Sentence, consume_day, value_of

NO_LEAST, NO_MOST = 0, 120  # years, if the offer gives only one bound
_PLAUSIBLE = range(14, 100)  # years; other numbers are no age: « au moins deux ans » of experience
_MAJORITY = 18

_YEARS = r"ans\b(?: revolus| inclusivement| inclus)?(?! (?:en|dans|de)\b| d')"
_LEAST = r"(?:(?:un )?minimum(?: de)?|(?:d')?au moins|(?:d')?au minimum|pas moins de)"
_MOST = r"(?:(?:un )?maximum(?: de)?|(?:d')?au plus|(?:d')?au maximum|pas plus de|jusqu'a)"
_AGED = r"(?:(?:avoir|etre|ayant)(?: agee?s?| un age| l'age)?(?: de)?|agee?s?(?: de)?)"
_NOT = r"(?:(?:ne pas|sans) (?:avoir|etre|depasser|exceder)(?: agee?s?)?(?: de)?(?: plus de)?(?: l'age de)?)"
_BOUND = (
    rf"(?:{_LEAST} (?P<low>{NUMBER}) {_YEARS}"
    rf"|(?P<low_after>{NUMBER}) {_YEARS},? (?:au moins|au minimum|et plus|ou plus)"
    rf"|(?P<completed>{NUMBER}) ans revolus\b"
    rf"|(?:{_MOST}|{_NOT}) (?P<high>{NUMBER}) {_YEARS}"
    rf"|(?P<high_after>{NUMBER}) {_YEARS},? (?:au plus|au maximum|et moins|ou moins)"
    rf"|moins de (?P<under>{NUMBER}) {_YEARS}"
    rf"|ne pas avoir (?:encore )?(?:atteint|eu|fete)(?: l'age de| ses| leurs| vos)? (?P<reached>{NUMBER}) {_YEARS})"
)
_SPAN = re.compile(
    rf"\b(?:{_AGED}(?: entre)?|de|entre) (?P<low>{NUMBER})(?: ans)? (?:a|et) (?P<high>{NUMBER}) {_YEARS}"
)
_FIRST = re.compile(rf"\b(?:{_AGED} |(?=ne pas |sans )){_BOUND}")
_NEXT = re.compile(rf"\b(?:mais )?(?:{_AGED} )?{_BOUND}")
_MAJOR = re.compile(r"\betre majeure?s?\b")


def read_age(sentence: Sentence) -> ParsedCriterion | None:
    """Read `Avoir au moins 18 ans et au plus 35 ans à la date de début du stage` and its variants."""
    before = sentence.rest
    low, high = _consume_bounds(sentence)
    if low is None and high is None:
        sentence.rest = before
        return None
    on, assumes = consume_day(sentence, default="starts_on")
    minimum, maximum = NO_LEAST if low is None else low, NO_MOST if high is None else high
    return ParsedCriterion("AGE", {"minimum": minimum, "maximum": maximum, "on": on}, assumes=assumes)


def _consume_bounds(sentence: Sentence) -> tuple[int | None, int | None]:
    """Return the bounds, both inclusive; two Nones if one of them cannot be an age, or they cross."""
    bounds: list[tuple[str, str]] = []
    if match := sentence.take(_SPAN):
        matches = [match]
    elif sentence.take(_MAJOR):
        bounds.append(("low", str(_MAJORITY)))
        matches = sentence.consume_all(_NEXT)
    elif match := sentence.take(_FIRST):
        matches = [match, *sentence.consume_all(_NEXT)]
    else:
        return None, None
    bounds += [(name, written) for match in matches for name, written in match.groupdict().items() if written]
    low = high = None
    for name, written in bounds:
        value = value_of(written)
        if value is None or value not in _PLAUSIBLE:
            return None, None
        if name in {"low", "low_after", "completed"} and low is None:
            low = value
        elif name in {"high", "high_after", "under", "reached"} and high is None:
            high = value - (name in {"under", "reached"})
        else:
            return None, None
    return (None, None) if low is not None and high is not None and low > high else (low, high)
