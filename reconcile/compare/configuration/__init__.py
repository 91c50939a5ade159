"""How the live system is set up, and the verdicts on it."""
