"""Recovery codes: their hashes, and the codes themselves, encrypted, only until their owner says that they kept them.

All codes of one account have one salt: a typed code is hashed once, in some 0.2 s, and compared with each of them.
"""

import secrets
from typing import Final

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.utils.crypto import constant_time_compare, get_random_string

from intake.accounts.models import User
from intake.accounts.second_factor.encryption import decrypt, encrypt

HASHES: Final = "hashes"
"""Key of the data: the hashes of the codes that are not used."""
UNSEEN: Final = "unseen"
"""Key of the data: the codes that are not used, encrypted; removed once their owner kept them."""
_SALT: Final = "salt"
_SALT_LENGTH: Final = 22
"""Characters of 62 kinds: 130 bits."""


def make_codes(user: User) -> Authenticator:
    """Store new recovery codes of `user`, who has none."""
    digits, salt = settings.MFA_RECOVERY_CODE_DIGITS, get_random_string(_SALT_LENGTH)
    codes = [
        f"{secrets.randbelow(10**digits):0{digits}}" for _rank in range(settings.MFA_RECOVERY_CODE_COUNT)
    ]
    data = {
        _SALT: salt,
        HASHES: [make_password(code, salt) for code in codes],
        UNSEEN: encrypt(" ".join(codes)),
    }
    stored: Authenticator = Authenticator.objects.create(
        user=user, type=Authenticator.Type.RECOVERY_CODES, data=data
    )
    return stored


def use_code(codes: Authenticator, typed: str) -> bool:
    """Remove `typed` from the codes, a locked row, and return True; return False if it is none of them."""
    known = hashes_of(codes)
    if not known or len(typed) != settings.MFA_RECOVERY_CODE_DIGITS:
        return False
    hashed = make_password(typed, codes.data[_SALT])
    left = [each for each in known if not constant_time_compare(each, hashed)]
    if len(left) == len(known):
        return False
    codes.data[HASHES] = left
    if UNSEEN in codes.data:
        codes.data[UNSEEN] = encrypt(" ".join(code for code in unseen(codes) if code != typed))
    codes.save(update_fields=["data"])
    return True


def hashes_of(codes: Authenticator) -> list[str]:
    """Return the hashes of the codes that are not used; none for codes that an earlier version made."""
    hashes: list[str] = codes.data.get(HASHES, [])
    return hashes


def unseen(codes: Authenticator) -> list[str]:
    """Return the codes that are not used, until their owner kept them; then nothing."""
    return decrypt(codes.data[UNSEEN]).split() if UNSEEN in codes.data else []


def keep_codes(codes: Authenticator) -> None:
    """Forget the codes, of which the hashes stay. Idempotent."""
    codes.data.pop(UNSEEN, None)
    codes.save(update_fields=["data"])
