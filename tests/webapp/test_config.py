"""Settings from the environment."""

from pathlib import Path

import pytest

from webapp import config


def test_nothing_is_exposed_by_default():
    assert config.from_environment({})["host"] == "127.0.0.1"


def test_environment_changes_a_setting():
    settings = config.from_environment({"INKLING_PORT": "8123", "INKLING_DATA_DIR": "/there"})
    assert settings["port"] == 8123
    assert settings["data_dir"] == Path("/there")


def test_empty_variable_means_the_default():
    assert config.from_environment({"INKLING_PORT": ""})["port"] == 8000


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("PORT", "eighty", "'eighty' is not a whole number from 1 to 65535"),
        ("PORT", "70000", "'70000' is not a whole number from 1 to 65535"),
        ("ADMIN_PASSWORD", "x" * 201, "8 to 200 characters, not 201"),
        ("ADMIN_PASSWORD", "x" * 7, "8 to 200 characters, not 7"),
        ("REDIS_URL", "nonsense", "INKLING_REDIS_URL: This is no address such as redis://"),
        ("REDIS_URL", "redis://host:port/0", "This is no address such as redis://"),
        ("WORKERS", "0", "'0' is not a whole number from 1 to 64"),
    ],
)
def test_wrong_value_is_named(name, text, says):
    with pytest.raises(config.ConfigError, match=says):
        config.from_environment({f"INKLING_{name}": text})
