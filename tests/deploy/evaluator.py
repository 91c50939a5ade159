"""IAM's rules, as far as the template's policies use them: whatever else a policy says is an error.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import product
from typing import Any

LEADING_KEYS, FROM_ADDRESS, SECURE = "dynamodb:LeadingKeys", "ses:FromAddress", "aws:SecureTransport"
EVERY_VALUE = "ForAllValues:"
NULL = "Null"

ACTIONS: Mapping[str, tuple[str, ...]] = {
    "dynamodb:BatchGetItem": (LEADING_KEYS,),
    "dynamodb:ConditionCheckItem": (LEADING_KEYS,),
    "dynamodb:DeleteItem": (LEADING_KEYS,),
    "dynamodb:DescribeContinuousBackups": (),
    "dynamodb:DescribeTable": (),
    "dynamodb:GetItem": (LEADING_KEYS,),
    "dynamodb:PutItem": (LEADING_KEYS,),
    "dynamodb:Query": (LEADING_KEYS,),
    "dynamodb:Scan": (),
    "dynamodb:UpdateItem": (LEADING_KEYS,),
    "ivs:GetStorageConfiguration": (),
    "kms:Decrypt": (),
    "kms:GenerateDataKey": (),
    "lambda:GetFunctionConfiguration": (),
    "logs:CreateLogStream": (),
    "logs:PutLogEvents": (),
    "s3:GetBucketNotification": (),
    "s3:GetBucketPolicy": (),
    "s3:GetObject": (),
    "s3:ListBucket": (),
    "s3:PutObject": (),
    "secretsmanager:GetSecretValue": (),
    "ses:GetAccount": (),
    "ses:GetEmailIdentity": (),
    "ses:SendEmail": (FROM_ADDRESS,),
    "ses:SendRawEmail": (FROM_ADDRESS,),
    "sqs:SendMessage": (),
}
"""The known actions, each with the keys that its service tells of a call, as far as they are known here.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""
_OF_EVERY_SERVICE = (SECURE,)
_WITH_MANY_VALUES = (LEADING_KEYS,)
_ELEMENTS = {"Sid", "Effect", "Action", "Resource", "Condition"}


class NotUnderstood(Exception):
    """Raised for a part of a policy, or a call, whose rights are not known here."""


@dataclass(frozen=True, slots=True)
class Demand:
    """One right that a call needs, and what a condition may ask of the call: by key, its values."""

    action: str
    resource: str
    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, order=True)
class Grant:
    """The smallest part that a policy allows; `partition` is a pattern of leading keys ("": any)."""

    action: str
    resource: str
    partition: str = ""


@cache
def _pattern(text: str) -> re.Pattern[str]:
    parts = ({"*": ".*", "?": "."}.get(sign) or re.escape(sign) for sign in text)
    return re.compile("".join(parts), re.DOTALL)


def like(value: str, pattern: str) -> bool:
    """Whether a text fits a pattern, in which * stands for any characters and ? for one."""
    return _pattern(pattern).fullmatch(value) is not None


def arn_like(arn: str, pattern: str) -> bool:
    """Whether an ARN fits a pattern: the parts between its first five colons each for itself."""
    parts, wanted = arn.split(":", 5), pattern.split(":", 5)
    return len(parts) == len(wanted) and all(map(like, parts, wanted))


OPERATORS: Mapping[str, Callable[[str, str], bool]] = {
    "Bool": lambda value, wanted: value.lower() == wanted.lower(),
    "StringEqualsIgnoreCase": lambda value, wanted: value.lower() == wanted.lower(),
    "StringLike": like,
}


@dataclass(frozen=True, slots=True)
class Condition:
    """One line of a condition: a value of a key fits one that is wanted; with `every`, each value does."""

    operator: str
    key: str
    wanted: tuple[str, ...]
    every: bool = False

    def holds(self, context: Mapping[str, tuple[str, ...]]) -> bool:
        """Whether it holds for a call; where that has no such key, only with `every`."""
        values = context.get(self.key, ())
        if self.operator == NULL:
            return (not values) == (self.wanted == ("true",))
        fits = OPERATORS[self.operator]
        found = [any(fits(value, one) for one in self.wanted) for value in values]
        return all(found) if self.every else any(found)


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a policy."""

    allows: bool
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: tuple[Condition, ...] = ()

    def fits(self, demand: Demand) -> bool:
        """Whether it speaks of a demand, and its conditions hold."""
        spoken_of = any(like(demand.action.lower(), action.lower()) for action in self.actions)
        meant = any(arn_like(demand.resource, resource) for resource in self.resources)
        return spoken_of and meant and all(condition.holds(demand.context) for condition in self.conditions)

    @property
    def partitions(self) -> tuple[str, ...]:
        """The patterns of leading keys that it is limited to, or one "" without a limit."""
        found = [one.wanted for one in self.conditions if one.key == LEADING_KEYS and one.operator != NULL]
        return found[0] if found else ("",)

    def grants(self) -> Iterator[Grant]:
        """Yield all that it allows."""
        if self.allows:
            yield from (Grant(*one) for one in product(self.actions, self.resources, self.partitions))

    def used(self, demand: Demand) -> Iterator[Grant]:
        """Yield those of its grants that a demand makes use of."""
        keys = demand.context.get(LEADING_KEYS, ())
        for grant in self.grants():
            named = not grant.partition or any(like(key, grant.partition) for key in keys)
            if like(demand.action, grant.action) and arn_like(demand.resource, grant.resource) and named:
                yield grant


def allows(statements: Iterable[Statement], demand: Demand) -> bool:
    """Whether some statement allows a demand, and none denies it; raises NotUnderstood."""
    if demand.action not in ACTIONS:
        raise NotUnderstood(f"the action {demand.action}")
    if unknown := set(demand.context) - {*ACTIONS[demand.action], *_OF_EVERY_SERVICE}:
        raise NotUnderstood(f"{', '.join(sorted(unknown))} of {demand.action}")
    fitting = [statement for statement in statements if statement.fits(demand)]
    return bool(fitting) and all(statement.allows for statement in fitting)


def uses(statements: Iterable[Statement], demand: Demand) -> set[Grant]:
    """Return the grants that a demand makes use of."""
    return {grant for one in statements if one.fits(demand) for grant in one.used(demand)}


def statements_of(document: Mapping[str, Any], *, of_resource: bool = False) -> list[Statement]:
    """Read a policy document, of a role or `of_resource`; raises NotUnderstood for what is unknown here."""
    if set(document) != {"Version", "Statement"} or document["Version"] != "2012-10-17":
        raise NotUnderstood(f"a policy of {sorted(document)}")
    return [_statement(statement, of_resource=of_resource) for statement in document["Statement"]]


def _statement(written: Mapping[str, Any], *, of_resource: bool) -> Statement:
    elements = _ELEMENTS | {"Principal"} if of_resource else _ELEMENTS
    if unknown := set(written) - elements:
        raise NotUnderstood(f"the element {', '.join(sorted(unknown))}")
    if written["Effect"] not in ("Allow", "Deny"):
        raise NotUnderstood(f"the effect {written['Effect']}")
    if written.get("Principal", "*") != "*":
        raise NotUnderstood(f"the principal {written['Principal']}")
    actions, resources = _texts(written["Action"]), _texts(written["Resource"])
    for action in actions:
        if action not in ACTIONS and not (of_resource and action.endswith(":*")):
            raise NotUnderstood(f"the action {action}")
    conditions = tuple(_conditions(written.get("Condition", {}), actions))
    return Statement(written["Effect"] == "Allow", actions, resources, conditions)


def _conditions(written: Mapping[str, Mapping[str, Any]], actions: Iterable[str]) -> Iterator[Condition]:
    for spelled, lines in written.items():
        every = spelled.startswith(EVERY_VALUE)
        operator = spelled.removeprefix(EVERY_VALUE)
        if operator not in (*OPERATORS, NULL) or (every and operator == NULL):
            raise NotUnderstood(f"the operator {spelled}")
        for key, wanted in lines.items():
            for action in actions:
                if key not in (*ACTIONS.get(action, ()), *_OF_EVERY_SERVICE):
                    raise NotUnderstood(f"the key {key} of {action}")
            if operator != NULL and every != (key in _WITH_MANY_VALUES):
                raise NotUnderstood(f"{spelled} for {key}")
            yield Condition(operator, key, _texts(wanted), every)


def _texts(value: str | list[str]) -> tuple[str, ...]:
    texts = (value,) if isinstance(value, str) else tuple(value)
    if variables := [text for text in texts if "${" in text]:
        raise NotUnderstood(f"the variables of {', '.join(variables)}")
    return texts
