"""Builds what the Lambda functions run from: what the handler reaches, with pinned packages, no more."""

from reconcile.artefact.build import INTO, PINS, PYTHON

__all__ = ["INTO", "PINS", "PYTHON"]
