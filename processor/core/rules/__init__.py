"""Rows 20 to 45 of `decisions.md`, one named rule each. A rule looks at one group; all that hold are named."""
