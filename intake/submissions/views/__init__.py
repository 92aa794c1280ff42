"""The candidate's pages. Each view parses, calls one service, and says what happened."""
