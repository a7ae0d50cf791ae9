"""From a message to what is asked in it; every finding says where it was read."""
