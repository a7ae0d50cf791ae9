"""The pure heart: a message and a snapshot of the sender's own account go in, a decision and a letter come out."""
