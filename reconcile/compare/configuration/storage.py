"""Judges where compositions are recorded: the composer's storage configuration, and the bucket's policy."""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase

from reconcile.compare.configuration.assessment import LONGEST_COMMAND, Opinion, not_taken
from reconcile.model.configuration import Configuration, NotSeen, Policy, Storage, in_a_list
from reconcile.model.documents import JsonObject
from reconcile.model.remedy import Remedy, command

NAME = "composer storage"
VARIABLE = "STORAGE_CONFIGURATION_ARN"
NOT_SET = "RECONCILE_COMPOSER_FUNCTION is not set"

_LOW_LATENCY = "ivs.amazonaws.com"
_WRITE = "s3:putobject"
# Where a composition is recorded is random from its first character on: no prefix of it can be granted.
_SOMEWHERE = "stage1/composition1/destination1/composite/media/hls/multivariant.m3u8"


def judge_storage(configuration: Configuration) -> Opinion:
    """Judge the storage configuration that the composer records into."""
    storage, function = configuration.storage, configuration.composer
    if isinstance(storage, NotSeen):
        return Opinion(NAME, unseen=storage.why)
    if storage.bucket in configuration.buckets:
        return Opinion(NAME, found=f"{function} records into {storage.bucket}, by {storage.arn}")
    why = _why(storage, configuration)
    named = {"storage_configuration": storage.arn, "bucket": storage.bucket}
    evidence = {"why": why, "function": function, **{name: value for name, value in named.items() if value}}
    remedy = _remedy(function, configuration.buckets[0])
    return Opinion(NAME, found=why, verdict="storage-misconfigured", evidence=evidence, remedy=remedy)


def _why(storage: Storage, configuration: Configuration) -> str:
    names = f"{VARIABLE} of {configuration.composer} names"
    if not storage.arn:
        return f"{names} no storage configuration: the value is not an ARN of one"
    if storage.bucket is None:
        return f"{names} {storage.arn}, which does not exist"
    buckets = ", ".join(configuration.buckets)
    return f"{names} {storage.arn}, which records into {storage.bucket}, not into {buckets}"


def _remedy(function: str, bucket: str) -> Remedy:
    """Return how to set one variable: the command replaces all, so it includes the present ones."""
    step = (
        f"Set {VARIABLE} of {function} to a storage configuration of {bucket}: the first command lists them "
        "(aws ivs-realtime create-storage-configuration creates one). In the console: Configuration, "
        "Environment variables, Edit. From a shell: put its ARN in place of ARN; the second keeps the "
        "other variables, which it neither prints nor leaves behind."
    )
    listed = command(
        *("aws", "ivs-realtime", "list-storage-configurations", "--output", "text"),
        *("--query", f"storageConfigurations[?s3.bucketName=='{bucket}'].arn"),
    )
    read = command(
        *("aws", "lambda", "get-function-configuration", "--function-name", function),
        *("--query", "Environment.Variables", "--output", "json"),
    )
    write = command(
        *("aws", "lambda", "update-function-configuration", "--function-name", function),
        *("--environment", "file://variables.json", "--query", "LastUpdateStatus"),
    )
    merge = f"jq --arg arn ARN '{{Variables: (. + {{{VARIABLE}: $arn}})}}'"
    return Remedy(
        step, (listed, f"(umask 077; {read} | {merge} > variables.json && {write}; rm -f variables.json)")
    )


def judge_policy(configuration: Configuration, bucket: str, *, holds_composites: bool) -> Opinion:
    """Judge whether IVS may write compositions into a bucket."""
    name, policy = f"s3://{bucket} policy", configuration.policies[bucket]
    if isinstance(policy, NotSeen):
        return Opinion(name, unseen=policy.why)
    composer = f"ivs-composite.{configuration.region}.amazonaws.com"
    try:
        fault, unsure = _fault(policy, bucket, composer), _unsure(policy)
    except (TypeError, AttributeError, ValueError) as error:
        return Opinion(name, unseen=f"the policy cannot be parsed ({type(error).__name__})")
    if not fault:
        return Opinion(name, found=f"{composer} has write access")
    if unsure or not _is_sure(configuration, policy, bucket, holds_composites=holds_composites):
        return Opinion(name, unseen=unsure or _why_not(configuration))
    evidence = {"why": fault, "bucket": bucket, "may_write": _writers(policy, bucket)}
    remedy = _granted(policy, bucket, composer, denied="denies" in fault)
    return Opinion(
        name,
        found=fault,
        verdict="storage-misconfigured",
        evidence={key: value for key, value in evidence.items() if value},
        remedy=remedy,
    )


def _is_sure(configuration: Configuration, policy: Policy, bucket: str, *, holds_composites: bool) -> bool:
    """Whether compositions are meant to be recorded into a bucket."""
    if not configuration.composer:
        # What a common repair script leaves: it grants channels their recordings, and drops the rest.
        services = {
            service
            for statement in policy.statements
            if _allows(statement)
            for service in _services(statement)
        }
        return _LOW_LATENCY in services and not any(name.startswith("ivs-composite") for name in services)
    storage = configuration.storage
    if isinstance(storage, Storage) and storage.bucket in configuration.buckets:
        return storage.bucket == bucket
    return holds_composites or len(configuration.buckets) == 1


def _why_not(configuration: Configuration) -> str:
    if not configuration.composer:
        return NOT_SET
    return "no composition is known to be recorded there"


def _fault(policy: Policy, bucket: str, composer: str) -> str:
    """Say why IVS may not write compositions into a bucket; "" when it may."""
    if policy.document is None:
        return "the bucket has no policy, so IVS cannot write compositions into it"
    concerning = [statement for statement in policy.statements if _concerns(statement, bucket, composer)]
    if any(statement.get("Effect") == "Deny" and not statement.get("Condition") for statement in concerning):
        return f"the bucket's policy denies {composer} write access"
    if not any(_allows(statement) for statement in concerning):
        return f"the bucket's policy does not grant {composer} write access"
    return ""


def _unsure(policy: Policy) -> str:
    turned = [
        key
        for statement in policy.statements
        for key in ("NotPrincipal", "NotAction", "NotResource")
        if key in statement
    ]
    return f"{turned[0]} in the bucket's policy is not evaluated" if turned else ""


def _allows(statement: JsonObject) -> bool:
    return statement.get("Effect") == "Allow"


def _concerns(statement: JsonObject, bucket: str, service: str) -> bool:
    """Whether a statement is about this service writing this bucket's recordings."""
    resource = f"arn:aws:s3:::{bucket}/{_SOMEWHERE}"
    return (
        any(_fits(name, service) for name in _principals(statement))
        and any(_fits(str(action).lower(), _WRITE) for action in in_a_list(statement.get("Action", [])))
        and any(_fits(str(pattern), resource) for pattern in in_a_list(statement.get("Resource", [])))
    )


def _fits(pattern: str, text: str) -> bool:
    """Whether a text fits one of IAM's patterns, which know `*` and `?` alone."""
    return fnmatchcase(text, pattern.replace("[", "[[]"))


def _principals(statement: JsonObject) -> Iterator[str]:
    """Yield patterns of the services that a statement is about; whoever is meant by `*` includes them."""
    principal = statement.get("Principal", {})
    if principal == "*" or "*" in in_a_list(dict(principal).get("AWS", [])):
        yield "*"
        return
    yield from _services(statement)


def _services(statement: JsonObject) -> list[str]:
    principal = statement.get("Principal", {})
    return (
        [str(service) for service in in_a_list(principal.get("Service", []))]
        if isinstance(principal, Mapping)
        else []
    )


def _writers(policy: Policy, bucket: str) -> list[str]:
    named = {name for statement in policy.statements if _allows(statement) for name in _services(statement)}
    return sorted(
        name
        for name in named
        if any(_concerns(statement, bucket, name) for statement in policy.statements if _allows(statement))
    )


def _granted(policy: Policy, bucket: str, composer: str, *, denied: bool) -> Remedy:
    """Return the policy with what IVS needs added to it.

    https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/rt-composite-recording.html
    """
    if denied:
        return Remedy(f"Remove {composer} from the statement that denies it write access to {bucket}.")
    needed = {
        "Sid": not_taken("RecordCompositions", [statement.get("Sid") for statement in policy.statements]),
        "Effect": "Allow",
        "Principal": {"Service": composer},
        "Action": ["s3:PutObject", "s3:PutObjectAcl"],
        "Resource": f"arn:aws:s3:::{bucket}/*",
        "Condition": {
            "StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"},
            "Bool": {"aws:SecureTransport": "true"},
        },
    }
    whole = {"Version": "2012-10-17", **(policy.document or {}), "Statement": [*policy.statements, needed]}
    text = command("aws", "s3api", "put-bucket-policy", "--bucket", bucket, policy=whole)
    if len(text) > LONGEST_COMMAND:
        return Remedy(f"Add to the bucket's policy, and keep the existing statements: {needed}.")
    return Remedy(
        "Add the missing statement. The command replaces the whole policy and includes the existing "
        "statements.",
        (text,),
    )
