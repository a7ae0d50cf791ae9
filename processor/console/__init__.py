"""The room where operations work: web pages over the same reading and the same acts as the command line."""
