"""Security controls of the portal, each with a change that removes it and the tests that then fail."""
