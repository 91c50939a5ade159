"""How the live system is set up, as far as it could be looked at: facts alone, without a verdict."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus

from reconcile.model.documents import JsonObject

CREATED = ("s3:ObjectCreated:*", "s3:ObjectCreated:Put", "s3:ObjectCreated:CompleteMultipartUpload")
"""The events of which at least one covers a manifest that IVS writes."""

TARGETS = {
    "LambdaFunctionConfigurations": "LambdaFunctionArn",
    "QueueConfigurations": "QueueArn",
    "TopicConfigurations": "TopicArn",
}
"""The lists of a bucket's notifications, and the name under which each says where it sends them.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketNotificationConfiguration.html
"""
FUNCTIONS = "LambdaFunctionConfigurations"


@dataclass(frozen=True, slots=True)
class NotSeen:
    """Something that could not be looked at, and why."""

    why: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a bucket's notifications: which events, of which keys, it sends where.

    `entry` is the rule as S3 has it, and `kind` the list that it stands in.
    """

    kind: str
    target: str
    events: tuple[str, ...]
    prefix: str
    suffix: str
    entry: JsonObject

    @property
    def covers_new_objects(self) -> bool:
        """Whether it covers objects that are written."""
        return any(event in CREATED for event in self.events)

    def takes(self, key: str) -> bool:
        """Whether its filter lets a key through."""
        return key.startswith(self.prefix) and key.endswith(self.suffix)

    def in_words(self) -> str:
        """Return it as `*master.m3u8 -> arn:…`."""
        return f"{self.prefix}*{self.suffix} -> {self.target} ({', '.join(self.events)})"


@dataclass(frozen=True, slots=True)
class Notifications:
    """The notification rules of a bucket; `document` is the whole configuration as it can be put back."""

    rules: tuple[Rule, ...] = ()
    event_bridge: bool = False
    document: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Policy:
    """A bucket's policy; `document` None means that it has none."""

    document: JsonObject | None

    @property
    def statements(self) -> tuple[JsonObject, ...]:
        """Its statements; IAM takes a single one without a list around it."""
        listed = (self.document or {}).get("Statement", [])
        return tuple(statement for statement in in_a_list(listed) if isinstance(statement, Mapping))


@dataclass(frozen=True, slots=True)
class Function:
    """A function that a setting names; `arn` is "" if unknown, `gone` if there is none."""

    name: str
    arn: str = ""
    gone: bool = False

    def is_at(self, arn: str) -> bool:
        """Whether an ARN, of the function or of a version or alias of it, is this function's."""
        own, other = _parted(self.arn or self.name), _parted(arn)
        return own[1] == other[1] and (not own[0] or own[0] == other[0])


def _parted(name: str) -> tuple[str, str]:
    """Split a function's name or ARN into what stands before its bare name, and that; drop the qualifier."""
    before, separator, after = name.rpartition(":function:")
    bare = (after if separator else name).split(":")[0]
    return (before if before.startswith("arn:") else ""), bare


@dataclass(frozen=True, slots=True)
class Storage:
    """The storage configuration that the composer names.

    `arn` "" means that what it names is no ARN of one; `bucket` None that there is none of that ARN.
    """

    arn: str
    bucket: str | None = None


@dataclass(frozen=True, slots=True)
class IndexSettings:
    """What the search index says of its settings; `address` is where they are set."""

    values: JsonObject
    application: str
    address: str


@dataclass(frozen=True, slots=True)
class Configuration:
    """The live system's configuration; `processor` None and `composer` "" where no setting names them."""

    buckets: tuple[str, ...]
    region: str
    index: str
    processor: Function | None
    composer: str
    notifications: Mapping[str, Notifications | NotSeen]
    policies: Mapping[str, Policy | NotSeen]
    storage: Storage | NotSeen
    settings: IndexSettings | NotSeen


@dataclass(frozen=True, slots=True)
class Look:
    """What came of looking at one part of it: what was found there, or why it was not looked at."""

    what: str
    looked_at: bool
    why: str = ""
    found: str = ""


def read_notifications(answer: JsonObject) -> Notifications:
    """Read a bucket's notifications as S3 answers them; raises KeyError, TypeError for another shape."""
    known = (*TARGETS, "EventBridgeConfiguration")
    document = {name: answer[name] for name in known if name in answer}
    rules = (_rule(kind, entry) for kind in TARGETS for entry in document.get(kind, []))
    return Notifications(tuple(rules), "EventBridgeConfiguration" in document, document)


def _rule(kind: str, entry: JsonObject) -> Rule:
    filters = dict(_filters(entry))
    return Rule(
        kind,
        entry[TARGETS[kind]],
        tuple(entry["Events"]),
        filters.get("prefix", ""),
        filters.get("suffix", ""),
        entry,
    )


def _filters(entry: JsonObject) -> Iterator[tuple[str, str]]:
    """Yield a rule's filters, which stand percent-encoded.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
    """
    for rule in entry.get("Filter", {}).get("Key", {}).get("FilterRules", []):
        yield str(rule["Name"]).lower(), unquote_plus(str(rule.get("Value") or ""))


def in_a_list(value: Any) -> Sequence[Any]:
    """Return a value of a policy as a list: IAM writes a single one bare."""
    return value if isinstance(value, list) else [value]
