"""What all benches share: the machine and the date in words, tables, and figures held against limits."""

import math
import os
import platform
import resource
import subprocess
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

HELD, BROKEN = "  held   ", "  BROKEN "


def machine() -> str:
    """Return cores, CPU model, Python and system in one line."""
    system = f"{platform.system()} {platform.machine()}"
    return f"{os.cpu_count()} cores, {_cpu_model()}, Python {platform.python_version()}, {system}"


def _cpu_model() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = cpuinfo.read_text(encoding="utf-8").splitlines()
        names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
        return names[0] if names else "unknown CPU"
    if sys.platform == "darwin":
        asked = ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"]
        return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
    return platform.processor() or "unknown CPU"


def peak_memory() -> float:
    """Return the most memory that this process ever held, in megabytes (of 1,000,000 bytes)."""
    status = Path("/proc/self/status")
    if status.exists():
        # What getrusage tells on Linux may be the parent's, from before the program was started.
        lines = status.read_text(encoding="utf-8").splitlines()
        return next(int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith("VmHWM"))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


class Sheet:
    """One bench's printed page; `broken` names the limits that were not held."""

    def __init__(self, title: str) -> None:
        self.broken: list[str] = []
        # Others on the machine make every time longer: without the load a figure says little.
        now, load = datetime.now(UTC), os.getloadavg()[0]
        print(f"{title}\n{now:%Y-%m-%d %H:%M} UTC, {machine()}, load {load:.1f}\n", flush=True)

    def tell(self, text: str) -> None:
        """Print a line."""
        print(f"  {text}", flush=True)

    def table(self, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Print a table: the first column to the left, the others to the right."""
        cells = [list(heads), *([_written(value) for value in row] for row in rows)]
        widths = [max(len(row[column]) for row in cells) for column in range(len(heads))]
        for row in cells:
            first, rest = row[0].ljust(widths[0]), zip(row[1:], widths[1:], strict=True)
            print("  " + "  ".join((first, *(text.rjust(width) for text, width in rest))).rstrip())
        print(flush=True)

    def hold(self, what: str, figure: float, most: float, unit: str = "", *, least: float = 0) -> None:
        """Hold a figure against its limits, both included."""
        text = f"{what}: {_written(figure)}{unit}, wanted "
        text += f"{_written(least)} to {_written(most)}{unit}" if least else f"at most {_written(most)}{unit}"
        self._told(text, held=least <= figure <= most)

    def law(self, what: str, broken: int) -> None:
        """Hold a law that may never be broken."""
        self._told(f"{what}: broken {broken:,} times" if broken else what, held=not broken)

    def _told(self, text: str, *, held: bool) -> None:
        print(f"{HELD if held else BROKEN}{text}", flush=True)
        if not held:
            self.broken.append(text)

    @property
    def exit_code(self) -> int:
        """0 when every limit was held, else 1."""
        return 1 if self.broken else 0


def _written(value: object) -> str:
    if isinstance(value, float) and math.isnan(value):
        return "-"
    if isinstance(value, float) and not value.is_integer():
        return f"{value:,.3g}" if abs(value) < 100 else f"{value:,.0f}"
    return f"{value:,.0f}" if isinstance(value, int | float) else str(value)
