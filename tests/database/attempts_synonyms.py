"""Attempts on the synonyms of the search of offers."""

from tests.database.attempts import raises_violation, returns_answer

_SYNONYMS = "search_term_is_in_one_group_once"


def _synonyms(terms: str) -> str:
    return f"INSERT INTO offers_synonymgroup (terms) VALUES (ARRAY[{terms}])"


ATTEMPTS = (
    *(
        raises_violation(f"{_SYNONYMS} INSERT", what, _synonyms(terms), name=_SYNONYMS)
        for what, terms in (
            ("a term of another group", "'synonyme', 'autre'"),
            ("one with other accents and case", "'SYNÔNYME', 'autre'"),
            ("a term twice", "'autre', 'Autre'"),
            ("a term without a letter", "'autre', '-'"),
            ("no term", "'autre', NULL"),
        )
    ),
    returns_answer(f"{_SYNONYMS} INSERT", "two new terms", _synonyms("'autre', 'encore'"), answer="done"),
    raises_violation(
        f"{_SYNONYMS} UPDATE",
        "a term of another group",
        _synonyms("'autre', 'encore'"),
        "UPDATE offers_synonymgroup SET terms = ARRAY['synonyme', 'encore'] WHERE 'encore' = ANY(terms)",
        name=_SYNONYMS,
    ),
    returns_answer(
        f"{_SYNONYMS} UPDATE",
        "the same terms again",
        "UPDATE offers_synonymgroup SET terms = terms",
        answer="done",
    ),
)
