"""Plans repairs from findings, and makes them."""
