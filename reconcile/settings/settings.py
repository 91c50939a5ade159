"""The settings: environment variables, then a TOML file, then defaults; unknown keys are refused."""

import os
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    field_validator,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from reconcile.model import live
from reconcile.model import setting_types as types
from reconcile.model.facts import MEDIA_RECHECK
from reconcile.model.media import MediaMap, default_routes
from reconcile.model.prices import Prices
from reconcile.settings.fields import (
    Address,
    ApiKey,
    AppId,
    Buckets,
    Domain,
    Domains,
    Exports,
    FunctionName,
    IndexName,
    Mailbox,
    Mailboxes,
    OptionalTable,
    PingAddress,
    PriceTable,
    PrivateBase,
    Recheck,
    Roots,
    Routes,
    SecretRule,
    Signature,
    Stage,
    TableName,
    Tidied,
    WebAddress,
    Workflow,
    finite,
    no_truth_value,
)

PREFIX = "RECONCILE_"


_MAY_BE_EMPTY = ("old_domains", "skip_roots", "reports")
"""What means something where it is set to nothing: two lists that are empty, and a place that is none."""


class Settings(BaseSettings):
    """Every setting, with its default; what has none must be set."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True, validate_default=False)

    stage: Stage = Field("unnamed", description="The environment's name, shown in every report.")
    bucket: Buckets = Field(description="The buckets that IVS records into, separated by commas.")
    table: TableName = Field(description="The application's DynamoDB table.")
    state_table: OptionalTable = Field(
        "", description="The job's own DynamoDB table; without it a check keeps no history."
    )
    playback_domain: Domain = Field(description="The CloudFront domain that plays recordings.")
    old_domains: Domains = Field(
        live.OLD_DOMAINS,
        description="Domains that played them before, separated by commas; set to nothing: none.",
    )
    media_routes: Routes = Field(
        (), description='The distribution\'s behaviours in order, as JSON: {"ivs/*": "bucket/key-prefix"}.'
    )
    playback_check: Annotated[bool, Tidied] = Field(
        False,
        description="Request the first byte of every program's URL, to see that it plays: true or false.",
    )
    skip_roots: Roots = Field(
        live.SKIP_ROOTS,
        description="Roots of the buckets that hold no IVS recordings, separated by commas; nothing: none.",
    )
    algolia_app_id: AppId = Field(description="The Algolia application.")
    algolia_api_key: ApiKey = Field(description="Its key; or secretsmanager:NAME[#field].")
    algolia_index: IndexName = Field("programs", description="The index of programs.")
    algolia_host: PrivateBase = Field(
        "", description="A base URL to use instead of Algolia's own hosts: https, or this machine itself."
    )
    reports: str = Field("", description="Where reports are archived: s3://bucket/prefix or a directory.")
    report_url: WebAddress = Field("", description="The web address of that place, for links to reports.")
    email_from: Mailbox = Field("", description="The sender of report mails, verified in SES.")
    email_to: Mailboxes = Field(
        (), description="Who gets the reports by mail, separated by commas; at most 50."
    )
    slack_webhook: Address = Field(
        SecretStr(""), description="The incoming webhook of a Slack channel; or secretsmanager:NAME[#field]."
    )
    teams_webhook: Workflow = Field(
        SecretStr(""),
        description="The Workflows webhook of a Microsoft Teams channel; or secretsmanager:NAME[#field].",
    )
    webhook: Address = Field(
        SecretStr(""), description="A URL that receives each report as JSON; or secretsmanager:NAME[#field]."
    )
    webhook_secret: Signature = Field(
        SecretStr(""),
        description="The secret that signs it; or secretsmanager:NAME[#field]. Without it, the URL does.",
    )
    notify: Annotated[Literal["needed", "new", "always"], Tidied] = Field(
        "needed",
        description="Send a report when there is something to report (`needed`) or something new (`new`), "
        "and once a week; or `always`.",
    )
    ping_url: PingAddress = Field(
        SecretStr(""),
        description="The ping URL of a check of Healthchecks, which hears of each run, and notices when none "
        "comes; or secretsmanager:NAME[#field].",
    )
    processor_function: FunctionName = Field(
        "",
        description="The function that creates programs, to check that buckets notify it of every recording.",
    )
    composer_function: FunctionName = Field(
        "", description="The function that starts compositions, to check where it has them recorded."
    )
    mode: Annotated[Literal["check", "repair"], Tidied] = Field(
        "check", description="What the function may do, and what doctor checks: `check` or `repair`."
    )
    media_recheck: Recheck = Field(
        MEDIA_RECHECK,
        description="How long media counts as present once it was seen, such as 28d; "
        "each night a part of it is checked again.",
    )
    read_units: Annotated[
        float, Field(gt=0, le=1_000_000), AfterValidator(finite), BeforeValidator(no_truth_value)
    ] = Field(200, description="DynamoDB read units a second that a scan may use.")
    export: Exports = Field(
        (),
        description="Read the table from this export (s3://bucket/prefix/AWSDynamoDB/EXPORT_ID) and the "
        "incremental ones named with it, separated by commas, instead of scanning it.",
    )
    prices: PriceTable = Field(
        Prices(), description='Prices in USD other than us-east-1\'s, as JSON: {"s3_get_per_1000": 0.0004}.'
    )

    @field_validator("bucket")
    @classmethod
    def _some(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value:
            raise ValueError("names no bucket")
        return value

    @field_validator("algolia_api_key")
    @classmethod
    def _key(cls, value: SecretStr) -> SecretStr:
        if not value.get_secret_value():
            raise ValueError("it is empty: set it to the key, or to secretsmanager:NAME#field")
        return value

    @field_validator("reports")
    @classmethod
    def _place(cls, value: str) -> str:
        return types.report_place(value)

    @field_validator("email_to")
    @classmethod
    def _not_too_many(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(value) > types.MOST_RECIPIENTS:
            raise ValueError(
                f"it names {len(value)} addresses, and SES takes {types.MOST_RECIPIENTS} in one mail: "
                "name a mailing list"
            )
        return value

    @model_validator(mode="after")
    def _go_together(self) -> Self:
        if bool(self.email_from) != bool(self.email_to):
            lacking = "EMAIL_TO" if self.email_from else "EMAIL_FROM"
            raise ValueError(f"{PREFIX}{lacking} is not set: mail needs EMAIL_FROM and EMAIL_TO")
        if self.playback_domain in self.old_domains and "old_domains" in self.model_fields_set:
            raise ValueError(
                f"{PREFIX}PLAYBACK_DOMAIN is among the old domains, so that every program would be repaired: "
                f"set it to the current domain, and remove it from {PREFIX}OLD_DOMAINS"
            )
        return self

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
        return _Environment(settings_cls), init_settings

    def has(self, name: str) -> bool:
        """Whether a setting, named as its field, has a value."""
        value = getattr(self, name)
        return bool(value.get_secret_value() if isinstance(value, SecretStr) else value)

    @property
    def media(self) -> MediaMap:
        """The distribution that plays the recordings."""
        recordings = live.RECORDINGS_BUCKET if live.RECORDINGS_BUCKET in self.bucket else self.bucket[0]
        routes = self.media_routes or default_routes(recordings)
        old = tuple(name for name in self.old_domains if name != self.playback_domain)
        return MediaMap(self.playback_domain, old, routes, guessed=not self.media_routes)


SECRET_RULES: Mapping[str, Callable[[str], str]] = {
    name: validator.func.rule
    for name, field in Settings.model_fields.items()
    for validator in field.metadata
    if isinstance(validator, AfterValidator) and isinstance(validator.func, SecretRule)
}
"""What each secret may be, wherever it is kept."""


class _Environment(PydanticBaseSettingsSource):
    """Reads RECONCILE_* as texts; an empty one is not set, unless its setting means something by that."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Return a setting's text, None where it is not set."""
        text = os.environ.get(f"{PREFIX}{field_name.upper()}")
        return text if text or field_name in _MAY_BE_EMPTY else None, field_name, False

    def __call__(self) -> dict[str, Any]:
        """Return the settings that are set."""
        fields = Settings.model_fields.items()
        given = {name: self.get_field_value(field, name)[0] for name, field in fields}
        return {name: text for name, text in given.items() if text is not None}


def setting_names() -> dict[str, str]:
    """Return every setting's environment variable and what it is for."""
    fields = Settings.model_fields.items()
    return {f"{PREFIX}{name.upper()}": str(field.description) for name, field in fields}
