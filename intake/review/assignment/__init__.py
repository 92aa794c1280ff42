"""Who marks which file, until when; even division; the list in CSV."""
