"""Whose programs may show a recording: the partitions of every producer that the evidence names."""

from reconcile.compare.recording.view import View
from reconcile.model.catalog import Catalog


def candidate_shows(view: View) -> frozenset[str]:
    """Return every show that a recording may be of, by whatever level of evidence."""
    return frozenset(show_id for show_id in (view.show_id, *view.attribution.shows) if show_id)


def candidate_partitions(view: View, catalog: Catalog) -> frozenset[str]:
    """Return the partitions of programs that a recording's program may lie in."""
    shows = (catalog.shows.get(show_id) for show_id in candidate_shows(view))
    return frozenset(f"u#{show.producer_id}#programs" for show in shows if show and show.producer_id)
