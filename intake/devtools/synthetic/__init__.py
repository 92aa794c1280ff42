"""People who do not exist, and their applications: for trying the portal at any size, never for real use."""
