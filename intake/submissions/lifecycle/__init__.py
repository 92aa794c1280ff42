"""Lock a submission, move it by the table, remember the move; the status its candidate sees."""
