"""What every HTML rendering is made with: templates that escape, files, and hashes for the policy."""

import base64
import hashlib
from functools import cache
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from reconcile.model.clock import write_time
from reconcile.report.formatting import lasting_seconds, when


@cache
def template(name: str) -> Template:
    """Return one of the templates; whatever is put into it is escaped."""
    return _environment().get_template(name)


@cache
def text_of_file(name: str) -> str:
    """Return a style or a script that stands beside the templates."""
    return (resources.files("reconcile.report.render") / "templates" / name).read_text("utf-8")


def source_of(text: str) -> str:
    """Return the source expression that lets exactly this text run. https://www.w3.org/TR/CSP3/"""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@cache
def _environment() -> Environment:
    # Everything in a report may be user text, so there is no way to put markup into it unescaped.
    environment = Environment(
        loader=PackageLoader("reconcile.report.render"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": "{:,}".format,
        "utc": when,
        "iso": write_time,
        "lasting": lasting_seconds,
    }
    return environment
