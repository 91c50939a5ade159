"""The report: one typed value, many renderings."""
