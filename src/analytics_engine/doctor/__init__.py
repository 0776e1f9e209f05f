"""What is wrong with this system, why, and what mends it: facts are looked at, and judged by rules."""
