"""Doctor: looks at every setting and every permission, and says of each what to do."""

from reconcile.doctor.examine import examine
from reconcile.doctor.line import Line, exit_code
from reconcile.doctor.screen import print_lines

__all__ = ["Line", "examine", "exit_code", "print_lines"]
