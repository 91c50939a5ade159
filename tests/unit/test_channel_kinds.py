"""The registry of channels: what each kind names is there, and what it makes is what it says."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from reconcile.deliver.channel import ChannelKind, ChannelParts
from reconcile.deliver.registry import KINDS, channels, how_to_set_one, kinds_set
from reconcile.settings.load import load_settings
from reconcile.settings.settings import PREFIX, SECRET_RULES, Settings
from tests.unit.setting_samples import GOOD, WHOLE

ROOT = Path(__file__).parents[2]
EVERY = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


@dataclass
class Parts:
    """Notes which secrets and clients a channel is made from."""

    secrets: list[str] = field(default_factory=list)
    clients: list[str] = field(default_factory=list)

    def all(self) -> ChannelParts:
        return ChannelParts(self._client, self._secret, lambda: 1.0, lambda _: None)

    def _client(self, service: str) -> Any:
        self.clients.append(service)

    def _secret(self, name: str) -> Any:
        self.secrets.append(name)
        return lambda: name


def settings_with(monkeypatch: pytest.MonkeyPatch, *fields: str) -> Settings:
    """Return settings of which these are set, besides those that must be."""
    for name in (*WHOLE, *(one.upper() for one in fields)):
        monkeypatch.setenv(f"{PREFIX}{name}", GOOD[name])
    return load_settings()


@EVERY
def test_a_kind_is_used_where_its_settings_are_set_and_no_other_is(
    kind: ChannelKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, parts = settings_with(monkeypatch, *kind.settings), Parts()
    assert kinds_set(settings) == (kind,)
    assert [channel.name for channel in channels(settings, parts.all())] == [kind.name]
    assert set(parts.secrets) == ({kind.address} if kind.address else set())
    assert bool(parts.clients) == bool(kind.permissions)


@EVERY
def test_its_options_alone_do_not_turn_it_on(kind: ChannelKind, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_with(monkeypatch, *kind.options)
    assert channels(settings, Parts().all()) == ()


def test_all_of_them_can_be_used_at_once_each_with_a_name_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    fields = [field for kind in KINDS for field in (*kind.settings, *kind.options)]
    parts = Parts()
    made = channels(settings_with(monkeypatch, *fields), parts.all())
    assert [channel.name for channel in made] == [kind.name for kind in KINDS]
    assert len({kind.name for kind in KINDS}) == len(KINDS)
    assert set(parts.secrets) == set(fields) & SECRET_RULES.keys()


@EVERY
def test_its_address_is_a_secret_and_the_rest_needs_permissions(kind: ChannelKind) -> None:
    assert (kind.address in SECRET_RULES) is not bool(kind.permissions)


@EVERY
def test_who_has_no_channel_reads_which_settings_make_one(kind: ChannelKind) -> None:
    assert kind.variables in how_to_set_one()


@EVERY
@pytest.mark.parametrize("file", ["README.md", "schedule.yaml", "reconcile/docs/operations.md"])
def test_its_settings_stand_in_the_guides_and_in_the_template(kind: ChannelKind, file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    assert [name for name in kind.settings if f"{PREFIX}{name.upper()}" not in text] == []


def test_each_secret_has_the_rule_of_its_setting() -> None:
    secret = {name for name, value in GOOD.items() if name.lower() in SECRET_RULES}
    assert secret == {"ALGOLIA_API_KEY", "PING_URL", *(name for name in GOOD if "WEBHOOK" in name)}
    for name in secret:
        assert SECRET_RULES[name.lower()](GOOD[name]) == GOOD[name]
