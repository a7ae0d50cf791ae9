"""What a mail states, held against the sender's own ledger."""
