"""Doctor: checks every setting and permission, and says how to fix each problem."""

from reconcile.doctor.examine import examine
from reconcile.doctor.result import Line, exit_code

__all__ = ["Line", "examine", "exit_code"]
