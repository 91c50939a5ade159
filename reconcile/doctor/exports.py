"""Check the exports that the table is read from: their manifests, the windows between them, their age."""

from collections.abc import Iterator

from reconcile.doctor.aws_errors import TROUBLE, error_text
from reconcile.doctor.clients import ImpatientWiring
from reconcile.doctor.result import Line, failed, ok, warning
from reconcile.model.clock import write_time
from reconcile.model.export import why_too_old


def exports(wiring: ImpatientWiring) -> Iterator[Line]:
    """Check the exports; their data files are not read."""
    what = f"exports of {wiring.settings.table}"
    try:
        chain = wiring.exported_rows.chain()
    except TROUBLE as error:
        step = "Set RECONCILE_EXPORT to whole exports of this table, one after the other; or leave it out."
        yield failed(what, error_text(error), step)
        return
    if too_old := why_too_old(chain.as_of, wiring.clock()):
        yield warning(what, too_old, "Export the table again, and name the new export in RECONCILE_EXPORT.")
    else:
        number = len(chain.newest_first)
        yield ok(what, f"{number} read in turn, as of {write_time(chain.as_of)}")
