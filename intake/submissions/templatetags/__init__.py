"""What templates may ask of the reviews."""
