"""The command lines of the operations guide, as the tools that they call would read them."""

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore import xform_name
from botocore.model import Shape
from botocore.session import get_session

GUIDE = (Path(__file__).parents[2] / "reconcile" / "docs" / "operations.md").read_text(encoding="utf-8")
TOOLS = ("aws", "sam", "reconcile")
OF_THE_CLI = {"--query", "--output", "--cli-binary-format", "--cli-read-timeout"}
"""Options that the AWS CLI has beside those of an operation.

https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-options.html
"""

OWN_COMMANDS = {
    ("logs", "tail"): {"--since"},
    ("s3", "cp"): set[str](),
    ("cloudformation", "deploy"): {
        *("--template-file", "--stack-name", "--capabilities", "--parameter-overrides"),
        *("--s3-bucket", "--s3-prefix"),
    },
}
"""Commands of the AWS CLI that are no operation of a service, with their options.

https://docs.aws.amazon.com/cli/latest/reference/logs/tail.html, and the same of the others
"""

NAMED_OTHERWISE = {"s3api": "s3"}
"""Services that the AWS CLI has under another name."""

_SESSION = get_session()


@dataclass(frozen=True, slots=True)
class Call:
    """A call of the AWS CLI: what it asks of a service, with what, and what stands on the line besides."""

    service: str
    operation: str
    arguments: dict[str, Any]
    rest: tuple[str, ...]
    shape: Shape | None


def section(heading: str) -> str:
    """Return what stands under a heading of the second level."""
    return GUIDE.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]


def rights_of_people(names: dict[str, str], heading: str = "Rights of people") -> dict[str, Any]:
    """Return the policy that the guide gives people who decide, with these names in place of its own.

    Under another heading stands what it gives those who take runs back.
    """
    (block,) = re.findall(r"^```json\n(.*?)^```", section(heading), re.DOTALL | re.MULTILINE)
    for name, value in names.items():
        block = block.replace(name, value)
    policy: dict[str, Any] = json.loads(block)
    return policy


def commands_of_people() -> list[set[str]]:
    """Return the commands that the guide tells rights of, with their options, row by row."""
    rows = re.findall(r"^\| (`.*`) \| ", section("Rights of people"), re.MULTILINE)
    return [set(re.findall(r"`([^`]+)`", row)) for row in rows]


def lines(text: str) -> list[str]:
    """Return the command lines of a text: those in its blocks, and those within its sentences."""
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    prose = re.sub(r"^```sh\n.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    spans = [re.sub(r"\s+", " ", span) for span in re.findall(r"`([^`]+)`", prose)]
    called = [span for span in spans if span.split()[0] in TOOLS and " " in span]
    return [*(line for block in blocks for line in block.splitlines()), *called]


def commands(text: str) -> Iterator[list[str]]:
    """Yield the words of each command of a text, without where its output goes."""
    for line in lines(text):
        split = shlex.shlex(line, posix=True, punctuation_chars="|&>")
        split.whitespace_split = True
        command: list[str] = []
        for word in split:
            if word in ("&&", "|"):
                yield command
                command = []
            elif word == ">":
                next(split)
            else:
                command.append(word)
        yield command


def of_tool(text: str, tool: str) -> list[list[str]]:
    """Return the words that follow a tool's name in each command of a text that calls it."""
    return [words[1:] for words in commands(text) if words[0].rpartition("/")[2] == tool]


def call(words: list[str]) -> Call:
    """Read a command of the AWS CLI; fails for an option that its operation does not have.

    Options are named as the CLI names them: after the members of the operation's input.
    """
    service, operation, *given = words
    if (service, operation) in OWN_COMMANDS:
        used = {word for word in given if word.startswith("--")}
        assert used <= OWN_COMMANDS[service, operation], words
        return Call(service, operation, {}, tuple(given), None)
    model = _SESSION.get_service_model(NAMED_OTHERWISE.get(service, service))
    names = {xform_name(name, "-"): name for name in model.operation_names}
    shape: Any = model.operation_model(names[operation]).input_shape
    members = {f"--{xform_name(name, '-')}": name for name in shape.members}
    arguments, rest = dict[str, Any](), list[str]()
    while given:
        word = given.pop(0)
        if word in OF_THE_CLI:
            given.pop(0)
        elif word.startswith("--"):
            member = shape.members[members[word]]
            arguments[members[word]] = member.type_name == "boolean" or value(given.pop(0), member)
        else:
            rest.append(word)
    return Call(service, operation, arguments, tuple(rest), shape)


def value(word: str, member: Shape) -> Any:
    """Return what the CLI makes of an option's word."""
    if member.type_name in ("integer", "long"):
        return int(word)
    if member.type_name in ("structure", "map") or word.startswith("["):
        return json.loads(word)
    if member.type_name == "list":
        return [word]
    return word


def calls(text: str) -> list[Call]:
    """Return the calls of the AWS CLI in a text."""
    return [call(words) for words in of_tool(text, "aws")]


def overrides(words: list[str]) -> dict[str, str]:
    """Return the parameters that SAM reads from the words behind --parameter-overrides, at a command's end.

    As its own parser does: a value ends at a space, unless quotes stand around it; these go, and a backslash
    before a quote or a space in them. https://docs.aws.amazon.com/serverless-application-model/latest/
    developerguide/sam-cli-command-reference-sam-deploy.html
    """
    given = words[words.index("--parameter-overrides") + 1 :] if "--parameter-overrides" in words else []
    pattern = r"""([A-Za-z0-9]+)=("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|(?:\\.|[^ "\\])*)"""
    found = (re.match(pattern, word) for word in given)
    return {name: _unquoted(value) for match in found if match for name, value in [match.groups()]}


def _unquoted(value: str) -> str:
    inner = value[1:-1] if value[:1] in ("'", '"') and value[-1:] == value[:1] else value
    return re.sub(r"""\\([ "'])""", r"\1", inner)
