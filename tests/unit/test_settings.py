"""Settings: each type has one rule; what cannot be meant is refused by name, and nothing ever crashes."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from reconcile.model import live
from reconcile.model.errors import UsageError
from reconcile.model.prices import Prices
from reconcile.settings.load import load_settings
from reconcile.settings.settings import PREFIX, Settings, setting_names
from tests.unit.setting_samples import GOOD, WHOLE, WRONG

SECRETS = [name for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)]
STORES = ["bucket", "table", "state_table", "algolia_index"]


@contextmanager
def environment(**values: str) -> Iterator[None]:
    """Set nothing of the job's but these."""
    kept = dict(os.environ)
    for name in list(os.environ):
        if name.upper().startswith(PREFIX):
            del os.environ[name]
    os.environ.update({f"{PREFIX}{name}": text for name, text in values.items()})
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(kept)


def loaded(**values: str) -> Settings:
    with environment(**{**WHOLE, **values}):
        return load_settings()


def refusal(**values: str) -> str:
    with pytest.raises(UsageError) as caught:
        loaded(**values)
    return str(caught.value)


def test_every_setting_can_be_set() -> None:
    assert {f"{PREFIX}{name}" for name in GOOD} == set(setting_names())
    given = loaded(**GOOD)
    assert given.email_to == ("ann@example.net", "Bob <bob@example.net>")
    assert given.media.url_of("uploads", "public/a b.mp4") == "https://d111.cloudfront.net/a%20b.mp4"


_EACH = [(name, value.replace("\0", "\1")) for name, values in WRONG.items() for value in values]


@pytest.mark.parametrize(("name", "value"), _EACH)
def test_a_value_that_cannot_be_meant_is_refused_by_the_settings_name(name: str, value: str) -> None:
    """The refusal names the setting and the step, never quotes a secret, and holds nothing that steers."""
    both_ends = {"EMAIL_TO": "ann@example.net"} if name == "EMAIL_FROM" else {}
    told = refusal(**both_ends, **{name: value})
    assert f"{PREFIX}{name}" in told
    assert all(line.isprintable() for line in told.splitlines())
    if name.lower() in SECRETS and len(value) > 3 and not value.startswith("secretsmanager"):
        assert value.strip() not in told


@pytest.mark.parametrize("name", [name for name in GOOD if name.lower() not in [*SECRETS, *STORES]])
def test_white_space_around_is_dropped(name: str) -> None:
    assert loaded(**{**GOOD, name: f" \n{GOOD[name]}\r\n "}) == loaded(**GOOD)


@pytest.mark.parametrize("name", [name.upper() for name in [*SECRETS, *STORES]])
def test_white_space_around_is_refused_in_secrets_and_in_the_names_of_stores(name: str) -> None:
    assert f"{PREFIX}{name}" in refusal(**{**GOOD, name: f"{GOOD[name]}\n"})


@pytest.mark.parametrize("name", GOOD)
def test_a_line_end_inside_is_refused(name: str) -> None:
    middle = len(GOOD[name]) // 2
    broken = f"{GOOD[name][:middle]}\n{GOOD[name][middle:]}"
    assert f"{PREFIX}{name}" in refusal(**{**GOOD, name: broken})


@pytest.mark.parametrize(
    "host", ["http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:8080", "https://x.net"]
)
def test_a_key_travels_encrypted_or_stays_on_this_machine(host: str) -> None:
    assert loaded(ALGOLIA_HOST=f"{host}/").algolia_host == host
    assert loaded(WEBHOOK=f"{host}/hook").webhook == SecretStr(f"{host}/hook")


def test_a_list_that_is_set_to_nothing_is_empty_and_one_that_is_not_set_is_the_live_distributions() -> None:
    nothing = loaded(OLD_DOMAINS="", SKIP_ROOTS="")
    assert (nothing.old_domains, nothing.skip_roots) == ((), ())
    assert nothing.media.old_domains == ()
    unset = loaded()
    assert (unset.old_domains, unset.skip_roots) == (live.OLD_DOMAINS, live.SKIP_ROOTS)


def test_other_settings_that_are_set_to_nothing_are_not_set() -> None:
    names = set(GOOD) - set(WHOLE) - {"OLD_DOMAINS", "SKIP_ROOTS", "REPORTS"}
    assert loaded(**dict.fromkeys(names, "")) == loaded()


def test_a_platform_whose_domain_is_the_live_ones_old_one_has_no_old_domain() -> None:
    """Only what somebody set can contradict itself; a default gives way."""
    (old,) = live.OLD_DOMAINS
    assert loaded(PLAYBACK_DOMAIN=old).media.old_domains == ()
    assert "old domains" in refusal(PLAYBACK_DOMAIN=old, OLD_DOMAINS=f"{old},x.net")


def test_prices_of_settings_stand_in_for_single_prices_of_the_list_with_their_day() -> None:
    given = loaded(PRICES='{"s3_get_per_1000": 0.00043, "as_of": "2026-12-01"}').prices
    assert given.as_of == "2026-12-01"
    assert (given.of("s3_get").usd, given.of("s3_list_put")) == (0.00043, Prices().of("s3_list_put"))


def test_a_price_that_is_none_is_refused_with_the_nearest_right_name() -> None:
    told = refusal(PRICES='{"s3_gets_per_1000": 0.0004}')
    assert "'s3_gets_per_1000' is no price; did you mean s3_get_per_1000?" in told


@pytest.mark.parametrize("value", ["-1", "NaN", "-Infinity", '"1"', "[1]", "{}", "false", "1e7", "null"])
def test_a_price_of_another_shape_is_refused_by_its_name(value: str) -> None:
    told = refusal(PRICES=f'{{"ses_mails_per_1000": {value}}}')
    assert "ses_mails_per_1000 must be a number of USD, from 0 to 1,000,000" in told


def test_fifty_addresses_are_taken() -> None:
    assert len(loaded(EMAIL_FROM="a@b.de", EMAIL_TO=",".join(f"a{n}@b.de" for n in range(50))).email_to) == 50


# ---- Whatever is set


# Marks that steer a terminal, a header, an address or a path; the last is a byte that is no UTF-8.
_MARKS = [*'\n\r\t\x1b\x7f /@,#?"<>ü|{', "\x9b", "\u202e", "\u2028", "..", "%0a", "\udcff"]
_TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40),
    st.sampled_from([value for _, value in _EACH if len(value) < 100]),
    st.builds(
        lambda good, where, mark: f"{good[: where % len(good)]}{mark}{good[where % len(good) :]}",
        st.sampled_from(sorted(GOOD.values())),
        st.integers(0, 200),
        st.sampled_from(_MARKS),
    ),
)


def loaded_or_refused(values: dict[str, str]) -> Settings | None:
    with environment(**values), suppress(UsageError):
        return load_settings()
    return None


def texts_of(value: Any) -> Iterator[str]:
    if isinstance(value, SecretStr):
        yield value.get_secret_value()
    elif isinstance(value, tuple):
        for one in value:
            yield from texts_of(one)
    elif hasattr(value, "pattern"):
        yield from (value.pattern, value.bucket, value.key_prefix)
    else:
        yield str(value)


@given(st.dictionaries(st.sampled_from(sorted(GOOD)), _TEXTS, max_size=4))
@settings(max_examples=200)
@example({"PLAYBACK_DOMAIN": "d111.cloudfront.net\n"})
def test_any_text_is_refused_or_gives_settings_whose_urls_parse(values: dict[str, str]) -> None:
    """Never a traceback; what is accepted holds no control character and makes URLs of its own domain."""
    given = loaded_or_refused({**GOOD, **values})
    if given is None:
        return
    for name in Settings.model_fields:
        for text in texts_of(getattr(given, name)):
            assert not any(ord(letter) < 32 or 127 <= ord(letter) < 160 for letter in text)
    for bucket in given.media.buckets:
        url = given.media.url_of(bucket, "ivs/v1/a b/media/x.m3u8")
        assert url is None or urlsplit(url).hostname == given.playback_domain
    for base in (given.algolia_host, given.report_url):
        assert not base or urlsplit(f"{base}/run/report.html").path.endswith("/run/report.html")


# ---- A TOML file


def from_file(content: str | bytes, folder: Path) -> Settings:
    path = folder / "settings.toml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with environment():
        return load_settings(path)


SMALLEST = "".join(f'{name.lower()} = "{value}"\n' for name, value in WHOLE.items())


def test_a_file_can_set_everything(tmp_path: Path) -> None:
    lists = "bucket = ['one-bucket', 'two-bucket']\nold_domains = []\nread_units = 5\nplayback_check = true\n"
    rest = "\n".join(line for line in SMALLEST.splitlines() if not line.startswith("bucket"))
    tables = (
        "[media_routes]\n'*' = 'one-bucket/public'\n[prices]\nses_mails_per_1000 = 0\nas_of = 2026-12-01\n"
    )
    given = from_file(f"{lists}{rest}\n{tables}", tmp_path)
    assert (given.bucket, given.old_domains, given.read_units) == (("one-bucket", "two-bucket"), (), 5)
    assert given.media_routes[0].key_prefix == "public/"
    assert (given.prices.of("ses_mails").usd, given.prices.as_of) == (0.0, "2026-12-01")


_NO_TEXTS = ["5", "-1", "1.5", "nan", "true", "[5]", "['a', 5]", "[['a']]", "{}", "{a = 1}", "[{a = 1}]"]
_VALUES = [*_NO_TEXTS, "[]", "{bucket = 'x'}", "2026-01-01", "12:00:00", '"a\\nb"', '"a\\u0000b"']
_TAKEN = {
    ("read_units", "5"),
    ("read_units", "1.5"),
    ("playback_check", "true"),
    *((name, "[]") for name in ("old_domains", "skip_roots", "email_to", "export")),
}


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
@pytest.mark.parametrize("value", _VALUES)
def test_a_value_of_another_type_in_a_file_is_refused(tmp_path: Path, name: str, value: str) -> None:
    rest = "\n".join(line for line in SMALLEST.splitlines() if not line.startswith(f"{name} "))
    content = f"{name} = {value}\n{rest}"
    if (name, value) in _TAKEN:
        from_file(content, tmp_path)
        return
    with pytest.raises(UsageError, match=f"{PREFIX}{name.upper()}"):
        from_file(content, tmp_path)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\xff\xfe", "no TOML"),
        ("bucket = ", "no TOML"),
        ("x = " + "[" * 50_000, "no TOML"),
        ("x = " + "1" * 10_000, "no TOML"),
        ("bucket = 'a'\nbucket = 'b'", "no TOML"),
        ("# " + "x" * 1_000_001, "longer than"),
        ("[reconcile]\nbucket = 'mine'", "reconcile is not a setting"),
        ("BUCKET = 'mine'", "BUCKET is not a setting; did you mean bucket?"),
        ('"\\u001b[31m" = 1', "is not a setting"),
        ("\ufeff" + SMALLEST + "bukket = 1", "did you mean bucket?"),
    ],
)
def test_a_file_that_is_none_is_refused(tmp_path: Path, content: str | bytes, told: str) -> None:
    with pytest.raises(UsageError) as caught:
        from_file(content, tmp_path)
    assert told in str(caught.value)
    assert "\x1b" not in str(caught.value)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.toml", Path("a\0b")):
        with pytest.raises(UsageError, match="cannot be read"):
            load_settings(path)


_TOML_VALUES = st.recursive(
    st.one_of(st.booleans(), st.integers(-(2**62), 2**62), st.floats(), st.text(), st.dates()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(sorted(Settings.model_fields)), _TOML_VALUES, max_size=4))
def test_whatever_a_file_gives_is_settings_or_a_refusal(given: dict[str, Any]) -> None:
    whole = {name.lower(): value for name, value in WHOLE.items()}
    with environment(), pytest.MonkeyPatch.context() as patch:
        patch.setattr("reconcile.settings.load.read_file", lambda _: {**whole, **given})
        ended = settings_or_refusal()
    assert isinstance(ended, Settings) or any(f"{PREFIX}{name.upper()}" in str(ended) for name in given)


def settings_or_refusal() -> Settings | UsageError:
    try:
        return load_settings(Path("any"))
    except UsageError as refusal:
        return refusal


def test_a_name_that_is_no_setting_is_refused_in_any_case() -> None:
    for name in ("BUKET", "bucket"):
        with environment(**WHOLE):
            os.environ[f"{PREFIX}BUKET" if name == "BUKET" else "reconcile_bucket"] = "x"
            with pytest.raises(UsageError, match="RECONCILE_BUCKET"):
                load_settings()


def test_without_any_setting_one_screen_names_each_that_must_be_set_and_the_next_step(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in setting_names():
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(UsageError) as raised:
        load_settings()
    told = str(raised.value)
    needed = [
        f"RECONCILE_{name.upper()}" for name, field in Settings.model_fields.items() if field.is_required()
    ]
    assert [line.split()[0] for line in told.splitlines() if "is not set" in line] == needed
    assert "`reconcile doctor`" in told.splitlines()[-1]
    assert len(told.splitlines()) <= 24
