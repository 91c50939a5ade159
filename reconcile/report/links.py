"""Links from a finding to the consoles that show its things, and to what its program plays. Pure.

No vendor documents the addresses of its console's pages. These are as the consoles show them in a browser:

- S3 (an object; a bucket's prefix) and DynamoDB (an item by its keys, behind the number sign, where a space
  is %20 and never a plus sign): as https://github.com/MacHu-GWU/aws_console_url-project builds them, in
  aws_console_url/srv/s3.py and dynamodb.py
- Algolia's dashboard (a search in an index): dashboard.algolia.com/apps/APP/explorer/browse/INDEX, with the
  `query` and `searchMode=search` that the dashboard itself puts behind it

Nothing depends on them: where a console has moved a page, the link leads to its front page.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from reconcile.model.catalog import RowKey, session_key, show_key
from reconcile.model.finding import Finding, row_key

_IN_A_URL = "!#$%&()*+,/:;=?@[]~"
"""What may stand in a URL as it is: the signs of RFC 3986 but the apostrophe, which ends texts elsewhere."""


@dataclass(frozen=True, slots=True)
class Consoles:
    """The names of what the consoles show; "" where one is not known, and then there is no link to it.

    `region` is that of the buckets and the table, `application` and `index` are Algolia's.
    """

    region: str = ""
    table: str = ""
    application: str = ""
    index: str = ""

    def s3_object(self, bucket: str, key: str) -> str:
        """Return the page of an object."""
        return f"{self._aws}/s3/object/{_quoted(bucket)}?region={self.region}&prefix={_path(key)}"

    def s3_prefix(self, bucket: str, prefix: str) -> str:
        """Return the page that lists what lies under a prefix, which is given without a slash at its end."""
        place = f"region={self.region}&prefix={_path(prefix)}/&showversions=false"
        return f"{self._aws}/s3/buckets/{_quoted(bucket)}?{place}"

    def item(self, key: RowKey) -> str:
        """Return the page of a row of the table."""
        keys = f"pk={_quoted(key.pk)}&sk={_quoted(key.sk)}"
        place = f"itemMode=2&{keys}&route=ROUTE_ITEM_EXPLORER&table={_quoted(self.table)}"
        return f"{self._aws}/dynamodbv2/home?region={self.region}#edit-item?{place}"

    def record(self, object_id: str) -> str:
        """Return the page that searches the index for a record by its objectID."""
        place = f"{_quoted(self.application)}/explorer/browse/{_quoted(self.index)}"
        return f"https://dashboard.algolia.com/apps/{place}?query={_quoted(object_id)}&searchMode=search"

    @property
    def _aws(self) -> str:
        return f"https://{self.region}.console.aws.amazon.com"


def links_of(finding: Finding, consoles: Consoles) -> Mapping[str, str]:
    """Return where to look at a finding's things: `s3`, `table`, `search`, `playback`, those that apply.

    A finding on a recording leads to its program's row, or without one to its show's.
    """
    return {name: url for name, url in _links(finding, consoles) if url}


def _links(finding: Finding, consoles: Consoles) -> Iterator[tuple[str, str]]:
    if consoles.region:
        yield "s3", _in_s3(finding, consoles)
    key = _row_of(finding)
    if consoles.region and consoles.table and key:
        yield "table", consoles.item(key)
    object_id = _object_id(finding)
    if consoles.application and consoles.index and object_id:
        yield "search", consoles.record(object_id)
    yield "playback", _playable(finding.evidence.get("program_url"))


def _in_s3(finding: Finding, consoles: Consoles) -> str:
    """Return the page of its recording, or of the first place where its program's media was looked for."""
    subject, evidence = finding.subject, finding.evidence
    if subject.type == "recording":
        return consoles.s3_prefix(subject["bucket"], subject["prefix"])
    recording, media = evidence.get("recording"), evidence.get("looked_for")
    if isinstance(recording, str) and (place := _address(recording)):
        return consoles.s3_prefix(*place)
    if isinstance(media, list) and media and (place := _address(str(media[0]))):
        return consoles.s3_object(*place)
    return ""


def _address(uri: str) -> tuple[str, str] | None:
    """Return the bucket and the key of s3://BUCKET/KEY; None for anything else."""
    scheme, separator, rest = uri.partition("s3://")
    bucket, _, key = rest.partition("/")
    return (bucket, key) if separator and not scheme and bucket and key else None


def _row_of(finding: Finding) -> RowKey | None:
    subject, evidence = finding.subject, finding.evidence
    if subject.type in ("program", "recording-row", "group"):
        return row_key(subject)
    if subject.type == "session":
        return session_key(subject["sessionId"])
    rows = evidence.get("programs" if subject.type == "recording" else "rows")
    if row := _first(rows):
        return RowKey(str(row.get("pk", "")), str(row.get("sk", "")))
    if subject.type != "recording":
        return None
    attribution = evidence.get("attribution")
    shows = attribution.get("shows") if isinstance(attribution, Mapping) else None
    return show_key(str(shows[0])) if isinstance(shows, list) and len(shows) == 1 else None


def _object_id(finding: Finding) -> str:
    """Return the objectID of a finding's search record, which is a program's own id."""
    subject = finding.subject
    if subject.type == "record":
        return subject["objectID"]
    if subject.type == "program":
        return subject["programId"]
    if subject.type == "recording" and (row := _first(finding.evidence.get("programs"))):
        return str(row.get("programId", ""))
    return ""


def _first(rows: Any) -> Mapping[str, Any] | None:
    first = rows[0] if isinstance(rows, list | tuple) and rows else None
    return first if isinstance(first, Mapping) else None


def _playable(url: Any) -> str:
    """Return a web address as it may stand anywhere; "" for what is none, or leads elsewhere."""
    if not isinstance(url, str):
        return ""
    whole = quote(url, safe=_IN_A_URL, errors="surrogatepass")
    try:
        parts = urlsplit(whole)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return ""
    return whole if sound else ""


def _quoted(text: str) -> str:
    """Return a text as one part of a URL; half a character, which no console can show, breaks nothing."""
    return quote(text, safe="", errors="surrogatepass")


def _path(key: str) -> str:
    return quote(key, safe="/", errors="surrogatepass")
