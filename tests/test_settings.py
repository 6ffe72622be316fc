"""What the environment may say, and what is refused with a sentence."""

from pathlib import Path

import pytest

from core.errors import NotReady
from core.settings import ROOT, Settings


def test_nothing_given_is_the_embedded_register_beside_the_program() -> None:
    settings = Settings.from_env({})
    assert settings.database_url == f"sqlite:///{ROOT}/data/complaints.db"
    assert settings.evidence_dir == ROOT / "data" / "evidence"
    assert (settings.port, settings.procedure, settings.address) == (8501, "pops", "http://localhost:8501")


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
        ("PORT", "http", "not a number"),
        ("PORT", "0", "no such port"),
        ("PORT", "70000", "no such port"),
        ("PORT", "٨٥٠١", "digits, but not ours"),
        ("DATABASE_URL", "mysql://h/n", "another engine"),
        ("DATABASE_URL", "complaints.db", "a path is no URL"),
        ("DATABASE_URL", "sqlite://", "a register in memory would be gone at the end"),
        ("POPS_PROCEDURE", "../etc", "not a key"),
        ("BASE_URL", "kn.example.vn", "no scheme"),
        ("BASE_URL", "https://kn.example.vn/app", "a path is not supported"),
        ("SECURE_COOKIE", "maybe", "neither yes nor no"),
    ],
)
def test_nonsense_is_refused_with_the_name_of_the_setting(name: str, value: str, why: str) -> None:
    with pytest.raises(NotReady) as refused:
        Settings.from_env({name: value})
    assert name in str(refused.value), why


def test_a_wrong_database_url_is_not_repeated_because_it_may_hold_a_password() -> None:
    with pytest.raises(NotReady) as refused:
        Settings.from_env({"DATABASE_URL": "mysql://root:geheim@h/n"})
    assert "geheim" not in str(refused.value)
