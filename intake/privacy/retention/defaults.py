"""Periods of an installation on which no administrator set others. The ministry must confirm each."""

from typing import Any, Final

from intake.privacy.models import Outcome, RetentionRule

_TO_CONFIRM: Final = "Décision à confirmer par le ministère"
_CIVIL: Final = f"{_TO_CONFIRM} : une action se prescrit par trois ans (Code civil du Québec, art. 2925)."
_ACCOUNTS: Final = f"{_TO_CONFIRM} : pièces justificatives d’une allocation, sept exercices financiers."
DEFAULTS: Final[dict[Outcome, tuple[int, str]]] = {
    Outcome.DRAFT: (6, f"{_TO_CONFIRM} : rien n’a été déposé, et l’offre est fermée."),
    Outcome.NOT_SELECTED: (36, _CIVIL),
    Outcome.WITHDRAWN: (24, f"{_TO_CONFIRM} : la personne a mis fin à l’étude de sa candidature."),
    Outcome.INELIGIBLE: (36, _CIVIL),
    Outcome.SELECTED: (84, _ACCOUNTS),
    Outcome.PARTICIPANT: (84, _ACCOUNTS),
    Outcome.ACCOUNT: (24, f"{_TO_CONFIRM} : aucune connexion depuis deux ans, et rien à conserver."),
}
"""Months and reason. Without a period, nothing of that outcome is ever erased."""


def write_default_rules(**_signal: Any) -> None:
    """Write the rule of each outcome that has none. Runs after each `migrate`, as the owner, who alone may."""
    known = set(RetentionRule.objects.values_list("outcome", flat=True))
    for outcome, (months, reason) in DEFAULTS.items():
        if outcome not in known:
            RetentionRule.objects.create(outcome=outcome, months=months, reason=reason)
