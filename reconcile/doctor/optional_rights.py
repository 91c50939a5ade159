"""Optional requests of doctor beyond what the job needs; without permission a check is skipped."""

from collections.abc import Callable
from typing import TypeVar

from reconcile.doctor.aws_errors import TROUBLE, error_text, is_denied, is_unknown, step_after
from reconcile.doctor.permission_requests import Resource
from reconcile.doctor.result import Line, failed, not_told, warning

T = TypeVar("T")

_TABLES = ("arn:aws:dynamodb:*:*:table/{table}", "arn:aws:dynamodb:*:*:table/{state_table}")
PERMISSIONS = (
    *(("dynamodb:DescribeTable", arn) for arn in _TABLES),
    *(("dynamodb:DescribeContinuousBackups", arn) for arn in _TABLES),
    ("ses:GetEmailIdentity", "arn:aws:ses:*:*:identity/*"),
    ("ses:GetAccount", "*"),
)
"""https://docs.aws.amazon.com/service-authorization/latest/reference/list_sesv2.html"""


def ask_if_allowed(what: str, action: str, resource: Resource, request: Callable[[], T]) -> T | Line:
    """Return the response, or the line that says why there is none."""
    try:
        return request()
    except TROUBLE as error:
        if is_denied(error):
            step = f"Grant {action} on {_arn(action, resource)} to whoever runs doctor."
            return warning(what, f"could not be checked: {error_text(error)}", step)
        if is_unknown(error):
            return not_told(what)
        return failed(what, error_text(error), step_after(error, resource.setting))


def _arn(action: str, resource: Resource) -> str:
    arns = [arn for name, arn in PERMISSIONS if name == action]
    own = [
        arn.replace(f"{{{resource.kind}}}", resource.name) for arn in arns if f"{{{resource.kind}}}" in arn
    ]
    return (own or arns)[0]
