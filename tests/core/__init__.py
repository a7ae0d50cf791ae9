"""The core alone: no fakes, no I/O."""
