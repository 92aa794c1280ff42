-- `at` is a transaction's start: a later one means that the server's clock was set back.
SELECT id FROM journal_entry WHERE at > clock_timestamp()
