"""File, secrets directory and environment become one `Settings`, or one list of everything that is wrong with them."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    InitSettingsSource,
    PydanticBaseSettingsSource,
)

from processor import resources
from processor.settings import Settings
from processor.settings_base import PREFIX
from processor.usage import WrongUsageError

CONFIG_VARIABLE = f"{PREFIX}CONFIG"
UNKNOWN = "no setting has this name"
_AS_FILE = "a file `{}` in the secrets directory"
SEAL_LENGTH = 16  # characters; shorter could be guessed by trying


class BadSettingsError(WrongUsageError):
    """The settings are wrong."""


@dataclass
class _Found:
    """What was read so far, and what was wrong with it."""

    problems: list[str] = field(default_factory=list)
    file: dict[str, Any] = field(default_factory=dict)
    secrets: dict[str, Any] = field(default_factory=dict)


def load_settings(path: Path | None = None) -> Settings:
    """Read the settings from `path`, else the file named by `PROCESSOR_CONFIG`, else the shipped sample.

    Raises `BadSettingsError` with every problem at once.
    """
    place = path or Path(os.environ.get(CONFIG_VARIABLE) or resources.sample_settings())
    found = _Found()
    found.file = _read_file(place, found.problems)
    directory = os.environ.get(f"{PREFIX}SECRETS_DIRECTORY") or found.file.get("secrets_directory") or ""
    found.secrets = _read_secrets(str(directory), found.problems)
    found.problems += _unknown_variables()
    settings = _combine(found, place, str(directory))
    if settings is None or found.problems:
        raise BadSettingsError(*found.problems)
    return settings


def key_paths(model: type[BaseModel] = Settings, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Walk every key as a path, such as `("imap", "port")`, in the order of the file."""
    for name, info in model.model_fields.items():
        kind = info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from key_paths(kind, (*before, name))
        else:
            yield (*before, name)


def missing_for_work(settings: Settings) -> tuple[str, ...]:
    """What a worker on a real mailbox needs beyond correct settings; one sentence each."""
    oauth = settings.oauth
    needed: dict[str, dict[str, str | SecretStr]] = {
        "none": {"imap.password": settings.imap.password, "smtp.password": settings.smtp.password},
        "microsoft": {
            "oauth.tenant": oauth.tenant,
            "oauth.client_id": oauth.client_id,
            "oauth.client_secret": oauth.client_secret,
        },
        "google": {"oauth.key_file": oauth.key_file},
    }
    if not settings.smtp.username:
        needed["none"].pop("smtp.password")
    problems = [_unset(key) for key, value in needed[oauth.provider].items() if not _plain(value)]
    if settings.mailbox.own_dkim != "off" and not (find_spec("dkim") and find_spec("dns")):
        problems.append(
            "mailbox.own_dkim: needs the extra `mailauth`: pip install allocation-request-processor[mailauth]"
        )
    if len(_plain(settings.seal)) < SEAL_LENGTH:
        problems.append(f"seal: {SEAL_LENGTH} characters or more must mark our own letters ({_AS_FILE.format('seal')})")
    return tuple(problems)


def _unset(key: str) -> str:
    return f"{key}: not set ({_AS_FILE.format(key.replace('.', '__'))}, or {PREFIX}{key.upper().replace('.', '__')})"


def _plain(value: str | SecretStr) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else value


def _read_file(path: Path, problems: list[str]) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        problems.append(f"{path}: there is no such file")
    except OSError as error:
        problems.append(f"{path}: can't be read ({error.strerror})")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.append(f"{path}: is not TOML ({error})")
    return {}


def _read_secrets(directory: str, problems: list[str]) -> dict[str, Any]:
    """Read one file per secret; names that begin with a dot belong to the system that put them there."""
    if not directory:
        return {}
    try:
        files = sorted(file for file in Path(directory).iterdir() if not file.name.startswith("."))
    except OSError as error:
        problems.append(f"secrets directory {directory}: can't be read ({error.strerror})")
        return {}
    known = {"__".join(path): path for path in key_paths()}
    secrets: dict[str, Any] = {}
    for file in files:
        if file.name not in known:
            problems.append(f"secret {file}: {UNKNOWN}")
        elif (text := _read_secret(file, problems)) is not None:
            _put(secrets, known[file.name], text)
    return secrets


def _read_secret(file: Path, problems: list[str]) -> str | None:
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError as error:
        problems.append(f"secret {file}: can't be read ({error.strerror})")
    except UnicodeDecodeError:
        problems.append(f"secret {file}: is not UTF-8 text")
    return None


def _put(tree: dict[str, Any], path: tuple[str, ...], text: str) -> None:
    for name in path[:-1]:
        tree = tree.setdefault(name, {})
    tree[path[-1]] = text


def _unknown_variables() -> list[str]:
    known = {f"{PREFIX}{'__'.join(path)}".upper() for path in key_paths()} | {CONFIG_VARIABLE}
    return [
        f"environment {name}: {UNKNOWN}"
        for name in sorted(os.environ)
        if name.upper().startswith(PREFIX) and name.upper() not in known
    ]


class _Environment(EnvSettingsSource):
    """The environment; a list that is not JSON is left as it is, so that it is reported like any other wrong value."""

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: object) -> object:
        try:
            return super().decode_complex_value(field_name, field, value)
        except ValueError:
            return value


def _combine(found: _Found, file: Path, directory: str) -> Settings | None:
    class Loaded(Settings):
        """These settings, from these sources."""

        sources: ClassVar = (found.secrets, found.file)

        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,  # noqa: ARG003 the library passes them by name
            env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
            dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
            file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return (_Environment(settings_cls), *(InitSettingsSource(settings_cls, source) for source in cls.sources))

    try:
        return Loaded()
    except ValidationError as error:
        sentences = [_sentence(problem, found, file, directory) for problem in error.errors()]
        found.problems += [sentence for sentence in sentences if sentence not in found.problems]
    return None


def _sentence(problem: Mapping[str, Any], found: _Found, file: Path, directory: str) -> str:
    """Say what is wrong and where it was written; never the value, which may be a secret."""
    path = tuple(str(part) for part in problem["loc"])
    variable = f"{PREFIX}{'__'.join(path)}".upper()
    if variable in {name.upper() for name in os.environ}:
        where = f"environment {variable}"
    elif _holds(found.secrets, path):
        where = f"secret {directory}/{'__'.join(path)}"
    else:
        where = str(file)
    if problem["type"] == "extra_forbidden":
        return f"{where}: {UNKNOWN}" if where.endswith(variable) else f"{where}: {'.'.join(path)}: {UNKNOWN}"
    return f"{where}: {'.'.join(path)}: {problem['msg']}"


def _holds(tree: object, path: tuple[str, ...]) -> bool:
    for name in path:
        if not isinstance(tree, dict) or name not in tree:
            return False
        tree = tree[name]
    return True
