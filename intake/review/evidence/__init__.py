"""Evidence: findings verified in the documents."""
