"""The worker killed at every step and at any moment, on real servers and a real database, and checked from outside."""
