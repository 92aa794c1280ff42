"""Users, sign-in by e-mailed code, roles."""
