"""What the console shows and does, as JSON for programs: the same reading, the same acts, the same doors by role."""
