"""The stores in memory: what tests use in their place."""
