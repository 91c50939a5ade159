"""Makes equal folders into equal archives: in order, with one time and one set of rights."""

import os
import stat
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

THE_YEAR_2000 = 946_684_800
_AS_ZIP_HAS_IT = (2000, 1, 1, 0, 0, 0)
_UNIX = 3


def smooth(folder: Path) -> int:
    """Give every file the same time and rights, so that equal folders are equal; return their bytes."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
        os.utime(path, (THE_YEAR_2000, THE_YEAR_2000))
    return weight(folder)


def weight(folder: Path) -> int:
    """Return the bytes of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def pack(folder: Path, archive: Path) -> int:
    """Write the files of a folder into a zip archive, equal for equal files; return its bytes.

    Equal to the last byte with the same zlib. An archive that is there is replaced when the new one is whole.
    """
    fresh = archive.with_name(f".{archive.name}.new")
    try:
        with ZipFile(fresh, "w", ZIP_DEFLATED) as packed:
            for name in sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*")):
                path = folder / name
                if path.is_file():
                    entry = ZipInfo(name, _AS_ZIP_HAS_IT)
                    entry.compress_type, entry.create_system = ZIP_DEFLATED, _UNIX
                    entry.external_attr = (stat.S_IFREG | 0o644) << 16
                    packed.writestr(entry, path.read_bytes())
        fresh.replace(archive)
    finally:
        fresh.unlink(missing_ok=True)
    return archive.stat().st_size
