"""One seed drives a whole installation: arrivals, faults, crashes, the clock and people; a checker looks on."""
