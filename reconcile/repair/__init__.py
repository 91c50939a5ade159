"""Plans repairs from findings, applies them, and verifies them."""
