"""Writes schedule.yaml as CloudFormation without SAM: `python -m reconcile.artefact.plain`.

Two more parameters, ArtefactBucket and ArtefactKey, name the object in S3 that holds the functions' code.
It may be larger than the 51,200 bytes that CloudFormation takes in a call, so it is deployed from S3:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
"""

import json
import os
import sys
from typing import Any
from unittest.mock import patch

from reconcile.artefact.contents import PACKAGE
from reconcile.model.errors import ReconcileError, UsageError

SOURCE = PACKAGE.parent / "schedule.yaml"

CODE = {
    "ArtefactBucket": {
        "Description": "The bucket in this region that the artefact lies in, zipped.",
        "Type": "String",
        "AllowedPattern": "[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
    },
    "ArtefactKey": {
        "Description": "Its key there; a new one for each version, or CloudFormation sees no change.",
        "Type": "String",
        "AllowedPattern": ".{1,1024}",
    },
}
"""The parameters that say where the functions' code is."""


def plain(source: str) -> dict[str, Any]:
    """Return a SAM template as CloudFormation takes it without a transform.

    Raises UsageError where SAM's translator is not installed or refuses the template.
    """
    try:
        from samtranslator.model.exceptions import InvalidDocumentException
        from samtranslator.translator.transform import transform
        from samtranslator.yaml_helper import yaml_parse
    except ImportError:
        raise UsageError("aws-sam-translator is not installed: install requirements.lock") from None

    written = yaml_parse(source)
    written["Parameters"] |= CODE
    written["Globals"]["Function"]["CodeUri"] = {
        "Bucket": {"Ref": "ArtefactBucket"},
        "Key": {"Ref": "ArtefactKey"},
    }
    try:
        # The translator wants to know a region; nothing in the template depends on which.
        with patch.dict(os.environ, {"AWS_DEFAULT_REGION": "us-east-1"}):
            made: dict[str, Any] = transform(written, {}, _NoManagedPolicies())
    except InvalidDocumentException as error:
        causes = "; ".join(cause.message for cause in error.causes)
        raise UsageError(f"{SOURCE.name} cannot be transformed: {causes}") from error
    return made


class _NoManagedPolicies:
    """Tells the translator of AWS's own policies: the template names none."""

    def load(self) -> dict[str, str]:
        return {}


def main() -> int:
    """Write the template to standard output, and return the exit code."""
    try:
        made = plain(SOURCE.read_text(encoding="utf-8"))
    except OSError as error:
        sys.stderr.write(f"{error.filename} cannot be read: run this in a checkout\n")
        return UsageError.exit_code
    except ReconcileError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    sys.stdout.write(json.dumps(made, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
