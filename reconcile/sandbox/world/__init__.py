"""The generator of labelled worlds: live data as its users and functions leave it, and the truth about it."""

from reconcile.sandbox.world.model import RecordingTruth, StoredObject, Truth, World
from reconcile.sandbox.world.script import build, build_by_chance

__all__ = ["RecordingTruth", "StoredObject", "Truth", "World", "build", "build_by_chance"]
