"""Commands on offers."""
