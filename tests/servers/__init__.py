"""Servers that only tests need: Dovecot, an SMTP server that misbehaves, a proxy that cuts, and their certificates."""
