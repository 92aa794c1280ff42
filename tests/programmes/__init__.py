"""Other programmes than the portal's own, as data."""
