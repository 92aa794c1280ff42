"""Pages of the registers of personal information."""
