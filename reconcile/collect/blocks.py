"""Lets large blocks of memory go back to the system when they are freed: a run makes and drops many."""

import ctypes

_MMAP_THRESHOLD = -3
"""M_MMAP_THRESHOLD of malloc.h."""
_LARGE = 128 * 1024
"""Bytes; what glibc begins with."""


def give_back_large_blocks() -> None:
    """Keep the C library from holding on to large blocks that are freed, for the rest of this process.

    glibc takes them from the system one by one and gives them back, until one is freed: from then on it does
    so for larger ones alone, up to 32 MB, and keeps the others, in whose place little fits. The tables of an
    archive are such blocks. https://man7.org/linux/man-pages/man3/mallopt.3.html
    Other C libraries do without this setting: there nothing changes.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt:
        mallopt(_MMAP_THRESHOLD, _LARGE)
