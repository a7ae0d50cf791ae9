"""Tests of the core that decide many mails, or take their time by design: `tests/core` stays quick."""
