"""What can be set: environment variables, then a TOML file, then defaults; unknown keys are refused."""

import difflib
import json
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from reconcile.model.errors import UsageError
from reconcile.model.media import MediaMap, Route, default_routes
from reconcile.model.secret import KEPT, sendable

PREFIX = "RECONCILE_"
Names = Annotated[tuple[str, ...], NoDecode]
LIVE_BUCKET = "shelcaster-media-manager"


class Settings(BaseSettings):
    """Every setting, with its default; what has none must be set."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True, env_ignore_empty=True)

    stage: str = Field("unnamed", description="The environment's name, told in every report.")
    bucket: Names = Field(description="The buckets that IVS records into, separated by commas.")
    table: str = Field(description="The application's DynamoDB table.")
    state_table: str = Field(
        "", description="The job's own DynamoDB table; without it a check keeps no history."
    )
    playback_domain: str = Field(description="The CloudFront domain that plays recordings.")
    old_domains: Names = Field(
        ("d2jyqxlv5zply3.cloudfront.net",),
        description="Domains that played them before, separated by commas.",
    )
    media_routes: Annotated[tuple[Route, ...], NoDecode] = Field(
        (), description='The distribution\'s behaviours in order, as JSON: {"ivs/*": "bucket/key-prefix"}.'
    )
    playback_check: bool = Field(
        False, description="Ask the playback domain for the first byte of every program's URL: true or false."
    )
    skip_roots: Names = Field(
        ("sessions", "recordings", "shows", "tracklists", "users", "public", "test-recordings"),
        description="Roots of the buckets that hold no IVS recordings, separated by commas.",
    )
    algolia_app_id: str = Field(description="The Algolia application.")
    algolia_api_key: SecretStr = Field(description="Its key; or secretsmanager:NAME[#field].")
    algolia_index: str = Field("programs", description="The index of programs.")
    algolia_host: str = Field("", description="A base URL that stands in for Algolia's own hosts.")
    reports: str = Field("", description="Where reports are kept: s3://bucket/prefix or a directory.")
    report_url: str = Field("", description="The web address of that place, told beside each report.")
    email_from: str = Field("", description="The sender of report mails, verified in SES.")
    email_to: Names = Field((), description="Who gets the reports by mail, separated by commas.")
    slack_webhook: SecretStr = Field(
        SecretStr(""), description="The incoming webhook of a Slack channel; or secretsmanager:NAME[#field]."
    )
    webhook: SecretStr = Field(
        SecretStr(""), description="An address that gets each report as JSON; or secretsmanager:NAME[#field]."
    )
    webhook_secret: SecretStr = Field(
        SecretStr(""),
        description="What signs it; or secretsmanager:NAME[#field]. Without it, the address itself does.",
    )
    notify: Literal["needed", "always"] = Field(
        "needed",
        description="Send a report when there is something to tell and once a week, or `always`.",
    )
    processor_function: str = Field(
        "",
        description="The function that makes programs, to look whether buckets tell it of every recording.",
    )
    composer_function: str = Field(
        "", description="The function that starts compositions, to look where it has them recorded."
    )
    mode: Literal["check", "repair"] = Field(
        "check", description="What the function may do, and what doctor looks at: `check` or `repair`."
    )
    read_units: float = Field(200, gt=0, description="DynamoDB read units a second that a scan may use.")

    @field_validator("bucket", "old_domains", "skip_roots", "email_to", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        parts = value.split(",") if isinstance(value, str) else value
        return tuple(part.strip() for part in parts if part.strip())

    @field_validator("bucket")
    @classmethod
    def _some(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value:
            raise ValueError("names no bucket")
        return tuple(dict.fromkeys(value))

    @field_validator("playback_domain", "old_domains")
    @classmethod
    def _domains(cls, value: Any) -> Any:
        for name in (value,) if isinstance(value, str) else value:
            if not name or "/" in name:
                raise ValueError(f"{name!r} is no domain: write it without https:// and without a path")
        return value.lower() if isinstance(value, str) else tuple(name.lower() for name in value)

    @field_validator("media_routes", mode="before")
    @classmethod
    def _routes(cls, value: Any) -> Any:
        if isinstance(value, str):
            value = json.loads(value)
        if not isinstance(value, Mapping):
            return value
        return tuple(Route(pattern, *_bucket_and_prefix(where)) for pattern, where in value.items())

    @field_validator("algolia_host")
    @classmethod
    def _base_url(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            # The value is not repeated: it may be a key that was put into the wrong line.
            raise ValueError("it is no base URL: begin with http:// or https://")
        return value.rstrip("/")

    @field_validator("slack_webhook", "webhook")
    @classmethod
    def _address(cls, value: SecretStr) -> SecretStr:
        address = value.get_secret_value()
        if address and not address.startswith(("http://", "https://", KEPT)):
            # The value is not repeated: an address of this kind is a secret.
            raise ValueError(f"it is no address: begin with https:// or {KEPT}")
        return value

    @field_validator("email_from", "email_to")
    @classmethod
    def _mailboxes(cls, value: Any) -> Any:
        for name in (value,) if isinstance(value, str) and value else value:
            if not re.fullmatch(r"[^\s@,;]+@[^\s@,;]+|[^\n\r,;<>]*<[^\s@,;<>]+@[^\s@,;<>]+>", name):
                raise ValueError(f"{name!r} is no mail address")
        return value

    @model_validator(mode="after")
    def _mail_has_both_ends(self) -> Self:
        if bool(self.email_from) != bool(self.email_to):
            lacking = "EMAIL_TO" if self.email_from else "EMAIL_FROM"
            raise ValueError(f"{PREFIX}{lacking} is not set: mail needs EMAIL_FROM and EMAIL_TO")
        return self

    @field_validator("algolia_app_id", "algolia_api_key", mode="before")
    @classmethod
    def _sent_as_header(cls, value: Any) -> Any:
        return sendable(value) if isinstance(value, str) else value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment go before what the TOML file gives, which arrives as arguments."""
        return env_settings, init_settings

    @property
    def media(self) -> MediaMap:
        """The distribution that plays the recordings."""
        recordings = LIVE_BUCKET if LIVE_BUCKET in self.bucket else self.bucket[0]
        routes = self.media_routes or default_routes(recordings)
        return MediaMap(self.playback_domain, self.old_domains, routes, guessed=not self.media_routes)


def _bucket_and_prefix(where: Any) -> tuple[str, str]:
    if isinstance(where, Mapping):
        bucket, prefix = str(where.get("bucket", "")), str(where.get("prefix", where.get("key_prefix", "")))
    else:
        bucket, _, prefix = str(where).removeprefix("s3://").partition("/")
    if not bucket:
        raise ValueError(f"{where!r} names no bucket: write bucket or bucket/key-prefix")
    return bucket, f"{prefix.strip('/')}/" if prefix.strip("/") else ""


def setting_names() -> dict[str, str]:
    """Return every setting's environment variable and what it is for."""
    fields = Settings.model_fields.items()
    return {f"{PREFIX}{name.upper()}": str(field.description) for name, field in fields}


def load_settings(config: Path | None = None) -> Settings:
    """Read the settings; raises UsageError that names what is wrong and the nearest right name."""
    given = _from_file(config) if config else {}
    _refuse_unknown((name for name in os.environ if name.startswith(PREFIX)), PREFIX)
    _refuse_unknown(given, "")
    try:
        return Settings(**given)
    except ValidationError as error:
        raise UsageError(_told(error)) from None


def _from_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"the settings file {path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"the settings file {path} is no TOML: {error}") from error


def _refuse_unknown(names: Any, prefix: str) -> None:
    known = [name.removeprefix(PREFIX) for name in setting_names()]
    for name in names:
        bare = name.removeprefix(prefix).upper()
        if bare not in known:
            near = difflib.get_close_matches(bare, known, n=1, cutoff=0.0)
            hint = f"{prefix}{near[0] if prefix else near[0].lower()}"
            raise UsageError(f"{name} is no setting; the nearest is {hint}")


def _told(error: ValidationError) -> str:
    lines = []
    for fault in error.errors(include_url=False, include_input=False):
        name = f"{PREFIX}{str(fault['loc'][0]).upper()}" if fault["loc"] else "mail"
        if fault["type"] == "missing":
            lines.append(f"{name} is not set: {setting_names().get(name, '')}")
        else:
            lines.append(f"{name}: {fault['msg'].removeprefix('Value error, ')}")
    return "\n".join(lines)
