"""What people say of themselves, reused between applications."""
