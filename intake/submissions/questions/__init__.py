"""Questions of an offer; answers: forms, cleaning, display, conversion to facts."""
