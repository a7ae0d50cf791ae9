"""The world outside: one protocol or library each, no business decision."""
