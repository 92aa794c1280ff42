"""What development and rehearsals need: embedded servers, demonstration, synthetic data, the deadline drill."""
