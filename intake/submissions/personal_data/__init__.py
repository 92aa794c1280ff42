"""Personal data export: all that a person supplied, as one JSON file."""
