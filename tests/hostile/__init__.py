"""Mail of strangers, bombs and forgeries against the whole program."""
