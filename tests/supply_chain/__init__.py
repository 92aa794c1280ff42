"""What the portal is made of: bill of materials, licences and security floors of the packages of the lock files."""
