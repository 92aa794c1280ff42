"""A person decides on findings that the rules refuse (access act, s. 65.2)."""
