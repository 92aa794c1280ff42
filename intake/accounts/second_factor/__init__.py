"""Second factors: authenticator applications, passkeys and recovery codes, kept by `allauth.mfa`."""
