"""Attachments to sources: told apart by name and content, never by what the mail claims, and never run."""

from processor.adapters.attachments.reading import Reading, read_attachment

__all__ = ["Reading", "read_attachment"]
