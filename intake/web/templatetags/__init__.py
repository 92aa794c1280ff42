"""What templates may ask of the portal."""
