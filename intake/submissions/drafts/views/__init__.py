"""The pages of a draft. Each view parses, calls one operation, and says what happened."""
