"""The tests: real components, no stand-in for anything in `processor.core`."""
