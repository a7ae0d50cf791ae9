"""What every test may ask for."""

from tests.servers.fixtures import account, certificate, dovecot, imap_server, smtp_sink, stack

__all__ = ["account", "certificate", "dovecot", "imap_server", "smtp_sink", "stack"]
