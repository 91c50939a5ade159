"""What must always hold, stated once: its checks, the tests that hold it, and the guards that keep it."""
