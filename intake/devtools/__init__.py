"""Tools for development and rehearsals: embedded servers, demonstration, synthetic data, deadline drill."""
