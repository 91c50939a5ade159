"""The evidence on each recording, and its verdict."""
