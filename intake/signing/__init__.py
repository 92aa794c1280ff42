"""The portal's signature: one current key, older ones that still verify, and the public halves that it publishes."""
