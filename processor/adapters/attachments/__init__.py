"""Attachments to sources: told apart by name and content, never by what the mail claims alone, and never run."""
