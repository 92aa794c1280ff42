"""What a candidate sees of their own data: what is held, a copy to download, and who read it."""
