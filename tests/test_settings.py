"""What the environment may say, and what is refused with a sentence."""

from pathlib import Path

import pytest
from uvicorn.middleware.proxy_headers import _TrustedHosts

from core.errors import NotReady
from core.settings import ROOT, Settings


def test_nothing_given_is_the_embedded_register_beside_the_program() -> None:
    settings = Settings.from_env({})
    assert settings.database_url == f"sqlite:///{ROOT}/data/complaints.db"
    assert settings.evidence_dir == ROOT / "data" / "evidence"
    assert (settings.port, settings.address) == (8501, "http://localhost:8501")


def test_an_empty_value_counts_as_not_given() -> None:
    assert Settings.from_env(
        {"PORT": "", "DATABASE_URL": "", "BASE_URL": "", "SECURE_COOKIE": ""}
    ) == Settings.from_env({})


def test_the_register_follows_the_data_folder(tmp_path: Path) -> None:
    settings = Settings.from_env({"DATA_DIR": str(tmp_path)})
    assert settings.database_url == f"sqlite:///{tmp_path}/complaints.db"
    assert settings.evidence_dir == tmp_path / "evidence"


@pytest.mark.parametrize("given", ["postgresql+psycopg://u:p@h/n", "postgresql://u:p@h/n", "postgres://u:p@h/n"])
def test_every_way_to_write_postgresql_uses_the_driver_that_is_installed(given: str) -> None:
    assert Settings.from_env({"DATABASE_URL": given}).database_url == "postgresql+psycopg://u:p@h/n"


def test_the_address_people_type_comes_from_base_url() -> None:
    settings = Settings.from_env({"BASE_URL": "https://kn.example.vn/", "PORT": "9000", "SECURE_COOKIE": "yes"})
    assert (settings.address, settings.secure_cookie) == ("https://kn.example.vn", True)


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("LOG_FORMAT", "xml", "neither text nor json"),
        ("PORT", "http", "not a number"),
        ("PORT", "0", "no such port"),
        ("PORT", "70000", "no such port"),
        ("PORT", "٨٥٠١", "digits, but not ours"),
        ("DATABASE_URL", "mysql://h/n", "another engine"),
        ("DATABASE_URL", "complaints.db", "a path is no URL"),
        ("DATABASE_URL", "sqlite://", "a register in memory would be gone at the end"),
        ("BASE_URL", "kn.example.vn", "no scheme"),
        ("BASE_URL", "https://kn.example.vn/app", "a path is not supported"),
        ("BASE_URL", "https://kn.example.vn/?x=1", "a query"),
        ("BASE_URL", "https://kn.example.vn#x", "a fragment"),
        ("BASE_URL", "https://me:secret@kn.example.vn", "a password has no place in it"),
        ("BASE_URL", "https://kn.example.vn:99999", "no such port"),
        ("BASE_URL", "https://kn example.vn", "not a host"),
        ("BASE_URL", "https://", "no host"),
        ("BASE_URL", "https://[::1", "half an address"),
        ("BASE_URL", "ftp://kn.example.vn", "not a page"),
        ("SECURE_COOKIE", "maybe", "neither yes nor no"),
        ("HOST", "http://0.0.0.0", "an address, not a URL"),
        ("HOST", "0.0.0.0:8501", "the port is PORT"),
        ("HOST", "my host", "not a name"),
        ("DATA_DIR", __file__, "a file"),
        ("DATA_DIR", "a\0b", "no path at all"),
        ("TRUSTED_PROXIES", "proxy.example.vn", "a name may be anybody tomorrow"),
        ("TRUSTED_PROXIES", "10.0.0.1/8", "an address in a network, not a network"),
        ("TRUSTED_PROXIES", "*", "everybody"),
    ],
)
def test_nonsense_is_refused_with_the_name_of_the_setting(name: str, value: str, why: str) -> None:
    with pytest.raises(NotReady) as refused:
        Settings.from_env({name: value})
    assert name in str(refused.value), why


def test_a_path_in_base_url_is_refused_with_its_own_sentence() -> None:
    with pytest.raises(NotReady, match="must not have a path such as “/app”"):
        Settings.from_env({"BASE_URL": "https://kn.example.vn/app"})


@pytest.mark.parametrize(
    ("environ", "address", "why"),
    [
        ({}, "http://localhost:8501", "this machine only"),
        ({"HOST": "0.0.0.0"}, "http://localhost:8501", "every network, and this machine too"),
        ({"HOST": "10.0.0.5", "PORT": "80"}, "http://10.0.0.5:80", "one address"),
        ({"HOST": "2001:db8::5"}, "http://[2001:db8::5]:8501", "one address, as URLs write it"),
        ({"HOST": "10.0.0.5", "BASE_URL": "https://KN.example.vn:81/"}, "https://kn.example.vn:81", "what people type"),
    ],
)
def test_the_address_people_type(environ: dict[str, str], address: str, why: str) -> None:
    assert Settings.from_env(environ).address == address, why


@pytest.mark.parametrize(
    ("environ", "name", "known", "why"),
    [
        ({}, "localhost", True, "this machine"),
        ({}, "::1", True, "this machine"),
        ({}, "10.0.0.5", False, "it does not listen there"),
        ({"HOST": "10.0.0.5"}, "10.0.0.5", True, "it listens there"),
        ({"HOST": "10.0.0.5"}, "10.0.0.6", False, "it does not listen there"),
        ({"HOST": "0.0.0.0"}, "10.0.0.6", True, "it listens on every address"),
        ({"HOST": "::"}, "2001:db8::5", True, "it listens on every address"),
        ({"HOST": "0.0.0.0"}, "server.local", False, "a name, which anybody can point here"),
        ({"HOST": "server.local"}, "Server.Local.", True, "the name it listens on"),
        ({"BASE_URL": "https://kn.example.vn"}, "kn.example.vn", True, "the name people type"),
        ({"BASE_URL": "https://kn.example.vn"}, "example.vn", False, "not the same name"),
        ({"BASE_URL": "https://kn.example.vn"}, "x.kn.example.vn", False, "not the same name"),
    ],
)
def test_which_hosts_it_answers_to(environ: dict[str, str], name: str, known: bool, why: str) -> None:
    assert Settings.from_env(environ).knows_host(name) is known, why


def test_proxies_are_believed_on_both_kinds_of_sockets() -> None:
    settings = Settings.from_env({"TRUSTED_PROXIES": "127.0.0.1, 10.0.0.0/8 ,2001:db8::/32"})
    assert settings.forwarded_allow_ips == (
        "127.0.0.1/32,10.0.0.0/8,2001:db8::/32,::ffff:127.0.0.1/128,::ffff:10.0.0.0/104"
    )
    assert Settings.from_env({}).forwarded_allow_ips == ""
    assert "203.0.113.1" not in _TrustedHosts("")
    trusted = _TrustedHosts(settings.forwarded_allow_ips)
    assert all(address in trusted for address in ("127.0.0.1", "10.1.2.3", "::ffff:10.1.2.3", "2001:db8::9"))
    assert all(address not in trusted for address in ("127.0.0.2", "11.0.0.1", "::ffff:11.0.0.1", "::1", ""))


def test_a_wrong_database_url_is_not_repeated_because_it_may_hold_a_password() -> None:
    with pytest.raises(NotReady) as refused:
        Settings.from_env({"DATABASE_URL": "mysql://root:geheim@h/n"})
    assert "geheim" not in str(refused.value)
