"""Mail servers inside this process, for the demo and the tests; they listen on loopback alone."""
