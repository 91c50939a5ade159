"""Tests of what is deployed: the template, and the artefact that its functions run from."""
