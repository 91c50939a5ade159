"""Lets `python -m reconcile` do what `reconcile` does."""

from reconcile.cli import main

main()
