"""A passkey in software: it registers and signs as a device does, with a counter that a test sets (WebAuthn, 6.1)."""

import json
from hashlib import sha256
from typing import Any, Final

from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from django.utils import timezone
from fido2.cose import ES256
from fido2.utils import websafe_decode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticationResponse,
    AuthenticatorAssertionResponse,
    AuthenticatorAttestationResponse,
    AuthenticatorData,
    CollectedClientData,
    RegistrationResponse,
)

from intake.accounts.models import User
from intake.accounts.second_factor.invitations import open_invitation

HOST: Final = "testserver"
_FLAGS: Final = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV


class SoftwarePasskey:
    """One key pair, and the answers of a browser about it."""

    def __init__(self, owner: User) -> None:
        self.owner = owner
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.identifier = sha256(str(owner.public_id).encode()).digest()
        self.host_digest = sha256(HOST.encode()).digest()

    def register(self, *, counter: int = 0) -> Authenticator:
        """Store the passkey for its owner, as made with `counter` signatures. Staff are invited for it."""
        if self.owner.is_staff:
            open_invitation(user=self.owner, at=timezone.now())
        public: Any = ES256
        public = public.from_cryptography_key(self.key.public_key())  # the library ships no types of it
        credential = AttestedCredentialData.create(Aaguid.NONE, self.identifier, public)
        data = AuthenticatorData.create(
            self.host_digest, _FLAGS | AuthenticatorData.FLAG.AT, counter, credential
        )
        answer = RegistrationResponse(
            raw_id=self.identifier,
            response=AuthenticatorAttestationResponse(
                client_data=CollectedClientData.create("webauthn.create", b"x" * 32, f"https://{HOST}"),
                attestation_object=AttestationObject.create("none", data, {}),
            ),
        )
        return Authenticator.objects.create(
            user=self.owner,
            type=Authenticator.Type.WEBAUTHN,
            data={"name": "Clé", "credential": json.loads(json.dumps(dict(answer)))},
        )

    def answer(self, options: dict[str, Any], *, counter: int) -> str:
        """Return, as JSON, the answer to the request `options`, signed with `counter`."""
        client = CollectedClientData.create(
            "webauthn.get", websafe_decode(options["challenge"]), f"https://{HOST}"
        )
        data = AuthenticatorData.create(self.host_digest, _FLAGS, counter)
        response = AuthenticatorAssertionResponse(
            client_data=client,
            authenticator_data=data,
            signature=self.key.sign(data + client.hash, ec.ECDSA(SHA256())),
            user_handle=self.owner.public_id.bytes,
        )
        return json.dumps(dict(AuthenticationResponse(raw_id=self.identifier, response=response)))
