"""Large blocks of memory that are freed go back to the system."""

import subprocess
import sys
from pathlib import Path

import pytest

KEPT = 30
"""Megabytes of more than 100 that may stay, of small blocks between the large ones."""
PROGRAM = """
from pathlib import Path
from reconcile.collect.blocks import give_back_large_blocks

def held():
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmRSS"))

give_back_large_blocks()
larger = bytearray(30 << 20)
del larger
before = held()
blocks = [bytearray(b"x") * (1 << 20) for _ in range(100)]
beside = [bytes(100_000) for _ in range(100)]
del blocks
print(held() - before)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system does not tell")
def test_large_blocks_go_back_to_the_system_though_a_larger_one_was_freed_before() -> None:
    told = subprocess.run([sys.executable, "-c", PROGRAM], check=True, capture_output=True, text=True)
    assert int(told.stdout) < KEPT
