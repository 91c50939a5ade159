"""What a run is asked to do, what it remembers, and what it leaves."""
