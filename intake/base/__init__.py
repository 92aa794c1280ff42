"""What offers and every application of the portal share: errors, numbers, folding, SQL files, lists, exit codes."""
