"""What the portal owes the people whose files it holds: retention, erasure, their own data, officers' registers."""
