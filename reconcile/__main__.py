"""Lets `python -m reconcile` do what `reconcile` does."""

from reconcile.cli.app import main

main()
