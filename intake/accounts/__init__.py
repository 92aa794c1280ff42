"""Users, sign-in by a code sent by email, roles."""
