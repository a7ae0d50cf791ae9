"""Reads partners' payment allocation requests from a mailbox, applies what matches, and answers every one."""

__version__ = "0.1.0"
