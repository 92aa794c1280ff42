"""Domains of addresses that many people have, and what a person who mistyped one may have meant. No account is read."""

from typing import Final

_DOMAINS: Final = (
    *(
        "gmail.com",
        "hotmail.com",
        "hotmail.ca",
        "hotmail.fr",
        "outlook.com",
        "live.com",
        "live.ca",
        "icloud.com",
    ),
    *("yahoo.com", "yahoo.ca", "yahoo.fr", "videotron.ca", "sympatico.ca", "bell.net", "protonmail.com"),
    *("ulaval.ca", "umontreal.ca", "mcgill.ca", "usherbrooke.ca", "concordia.ca"),
    *("mail.com", "ymail.com", "email.com"),  # one letter from another one
)


def proposed_address(email: str) -> str:
    """Return `email` (folded) with the common domain that is one slip from its own; empty if there is none, or several.

    A slip: a letter too many, missing, or another one, or two neighbours exchanged.
    """
    name, _at, domain = email.rpartition("@")
    meant = [known for known in _DOMAINS if _is_one_slip(domain, known)]
    return f"{name}@{meant[0]}" if len(meant) == 1 and domain not in _DOMAINS else ""


def _is_one_slip(typed: str, known: str) -> bool:
    if len(typed) == len(known):
        differ = [place for place, letter in enumerate(typed) if letter != known[place]]
        swapped = len(differ) == 2 and differ[1] == differ[0] + 1 and typed[differ[0]] == known[differ[1]]  # noqa: PLR2004 -- two letters
        return len(differ) == 1 or (swapped and typed[differ[1]] == known[differ[0]])
    longer, shorter = sorted((typed, known), key=len, reverse=True)
    return len(longer) == len(shorter) + 1 and any(
        longer[:place] + longer[place + 1 :] == shorter for place in range(len(longer))
    )
