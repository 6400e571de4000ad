"""The environment, read once."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from projections.settings import SettingsError, read_settings

KEY = "k" * 32


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in (
        "DATABASE_URL",
        "DATABASE_REPLICA_URL",
        "PLEDGES_SECRET_KEY",
        "PLEDGES_BASE_URL",
        "SMTP_URL",
        "PLEDGES_IATI_ORG",
        "PLEDGES_OIDC_ISSUER",
        "PLEDGES_OIDC_CLIENT_ID",
        "PLEDGES_OIDC_CLIENT_SECRET",
        "PLEDGES_OIDC_NAME",
        "PLEDGES_PROXIES",
        "PLEDGES_OIDC_EMAIL_VERIFIED",
        "PLEDGES_LOG",
        "XDG_DATA_HOME",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PLEDGES_DATA", str(tmp_path / "data"))


def test_a_provider_is_called_by_its_host_unless_it_has_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (
        ("ISSUER", "https://login.example.org/"),
        ("CLIENT_ID", "p"),
        ("CLIENT_SECRET", "hush"),
    ):
        monkeypatch.setenv(f"PLEDGES_OIDC_{name}", value)
    found = read_settings().oidc
    assert found
    assert (found.issuer, found.name) == ("https://login.example.org", "login.example.org")
    assert "hush" not in repr(found)
    assert not found.vouches
    monkeypatch.setenv("PLEDGES_OIDC_NAME", "Ministry login")
    monkeypatch.setenv("PLEDGES_OIDC_EMAIL_VERIFIED", "always")
    named = read_settings().oidc
    assert named
    assert (named.name, named.vouches) == ("Ministry login", True)


def test_nothing_has_to_be_set(tmp_path: Path) -> None:
    settings = read_settings()
    assert settings.is_embedded
    assert settings.data_dir == tmp_path / "data"
    assert settings.log == "text"
    assert settings.base_url is None


def test_data_lies_in_the_users_own_folder_by_default(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("PLEDGES_DATA")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    assert read_settings().data_dir == tmp_path / "share" / "pledges"


def test_the_secret_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        keys = set(threads.map(lambda _: read_settings().secret_key, range(8)))
    assert len(keys) == 1
    assert len(keys.pop()) >= 32
    assert stat.S_IMODE((tmp_path / "data" / "secret-key").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["secret-key"]


def test_another_database_needs_a_key_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://somebody@db.example/pledges")
    with pytest.raises(SettingsError, match="PLEDGES_SECRET_KEY is missing"):
        read_settings()
    assert not (tmp_path / "data").exists()
    monkeypatch.setenv("PLEDGES_SECRET_KEY", KEY)
    assert read_settings().secret_key == KEY


def test_a_setting_may_lie_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(KEY)
    monkeypatch.setenv("PLEDGES_SECRET_KEY_FILE", str(tmp_path / "key"))
    assert read_settings().secret_key == KEY


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("DATABASE_URL", "pledges", "is not an address"),
        ("DATABASE_URL", "mysql://host/pledges", "is not an address"),
        ("DATABASE_URL", "", "is empty"),
        ("DATABASE_REPLICA_URL", "postgresql://host/pledges", "needs DATABASE_URL"),
        ("PLEDGES_SECRET_KEY", "short", "needs at least 32 characters"),
        ("PLEDGES_BASE_URL", "pledges.example.org", "is not an address"),
        ("PLEDGES_BASE_URL", "https://pledges.example.org:99999", "is not an address"),
        ("PLEDGES_BASE_URL", "https://pledges.example.org/?a=b", "without"),
        ("SMTP_URL", "https://mail.example.org", "is not an address"),
        ("PLEDGES_OIDC_ISSUER", "http://login.example.org", "must begin with https://"),
        ("PLEDGES_OIDC_ISSUER", "https://login.example.org", "are set together or not at all"),
        ("PLEDGES_OIDC_CLIENT_SECRET", "hush", "are set together or not at all"),
        ("PLEDGES_OIDC_EMAIL_VERIFIED", "yes", "is claim or always, not yes"),
        ("PLEDGES_PROXIES", "proxy.example.org", "names addresses or networks"),
        ("PLEDGES_PROXIES", "10.1.0.5/16", "names addresses or networks"),
        ("PLEDGES_LOG", "xml", "is json or text, not xml"),
        ("PLEDGES_DATA", __file__, "is not a folder"),
        ("PLEDGES_SECRET_KEY_FILE", "/nowhere/key", "must be a readable file"),
    ],
)
def test_a_bad_setting_is_named_in_one_line(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, reason: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        read_settings()
    text = str(caught.value)
    assert name in text
    assert reason in text
    assert "\n" not in text


def test_proxies_are_named_beside_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [str(one) for one in read_settings().proxies] == ["127.0.0.0/8", "::1/128"]
    monkeypatch.setenv("PLEDGES_PROXIES", "10.1.0.0/16 2001:db8::5")
    assert [str(one) for one in read_settings().proxies][2:] == ["10.1.0.0/16", "2001:db8::5/128"]


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://somebody:hush@db.example/pledges")
    monkeypatch.setenv("PLEDGES_SECRET_KEY", KEY)
    assert "hush" not in repr(read_settings())
    assert KEY not in repr(read_settings())


def test_a_data_folder_that_cannot_be_made_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLEDGES_DATA", "/proc/pledges")
    with pytest.raises(SettingsError, match="PLEDGES_DATA"):
        read_settings()


def test_an_organisation_of_iati_is_an_identifier(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_settings().iati_organisation is None
    monkeypatch.setenv("PLEDGES_IATI_ORG", " XX-TEST-1 ")
    assert read_settings().iati_organisation == "XX-TEST-1"
    for bad in ("XX TEST", "XX/TEST", "XX&TEST", "XX|1", "X?", "X" * 101, "X\x07"):
        monkeypatch.setenv("PLEDGES_IATI_ORG", bad)
        with pytest.raises(SettingsError, match="PLEDGES_IATI_ORG must be an organisation identifier"):
            read_settings()
