"""Letters as partners get to read them."""
