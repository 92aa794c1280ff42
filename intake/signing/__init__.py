"""The portal's signing keys: one current key, older keys that still verify, and the published public keys."""
