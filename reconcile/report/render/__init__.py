"""The renderings of a report."""
