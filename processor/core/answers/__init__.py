"""Answers: a mail that goes on with a request which waits for details."""
