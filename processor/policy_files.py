"""The policy, put together from settings, profile and lexicons; all that is wrong with the files is told at once."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from processor import __version__, resources
from processor.adapters.guard_sql import UnseenLimits
from processor.core.currencies import to_minor
from processor.core.policy import Policy, load_policy
from processor.settings import Settings
from processor.settings_load import BadSettingsError

SAMPLE_SEAL = "the sample seal, known to all"  # for decisions whose letters are never sent


def policy_from(settings: Settings) -> Policy:
    """Read profile and lexicons and join the settings to them. Raises `BadSettingsError`."""
    problems: list[str] = []
    folder = resources.folder("config")
    profile = _read(_profile(settings), problems)
    lexicons = {path.stem: _read(path, problems) for path in sorted((folder / "lexicon").glob("*.toml"))}
    limits = minor_amounts("policy.apply_limits", settings.policy.apply_limits, problems)
    if problems:
        raise BadSettingsError(*problems)
    try:
        return load_policy(profile, lexicons, _settings(settings) | {"apply_limits": limits})
    except (KeyError, ValueError, TypeError, re.error) as error:
        what = f"{type(error).__name__}: {error}"
        raise BadSettingsError(f"{folder}: profile {settings.policy.profile} or a lexicon is wrong ({what})") from error


def limits_from(settings: Settings) -> UnseenLimits:
    """Return how much may be applied unseen. Raises `BadSettingsError`."""
    problems: list[str] = []
    safety = settings.safety
    limits = UnseenLimits(
        request=minor_amounts("safety.request_limits", safety.request_limits, problems),
        partner_day=minor_amounts("safety.partner_day_limits", safety.partner_day_limits, problems),
        day=minor_amounts("safety.day_limits", safety.day_limits, problems),
        partner_hour_lines=safety.partner_hour_lines,
        hour_lines=safety.hour_lines,
    )
    if problems:
        raise BadSettingsError(*problems)
    return limits


def seal_of(settings: Settings) -> bytes:
    """Return the secret that marks our letters; without one, a sample that proves nothing."""
    return (settings.seal.get_secret_value() or SAMPLE_SEAL).encode()


def versions_of(settings: Settings) -> dict[str, str]:
    """Name what decides, for the record of each decision: the program's version, and a hash of each file of words."""
    folder = resources.folder("config")
    files = [_profile(settings), *sorted((folder / "lexicon").glob("*.toml"))]
    rules = _settings(settings) | {"secret": "", "apply_limits": settings.policy.apply_limits}
    return {
        "program": __version__,
        "settings": _hash(json.dumps(rules, sort_keys=True).encode()),
        **{f"{file.parent.name}/{file.name}": _hash(file.read_bytes()) for file in files},
    }


def _profile(settings: Settings) -> Path:
    """Return the profile's file: a path as it is, a name among the shipped ones."""
    name = settings.policy.profile
    return Path(name) if name.endswith(".toml") else resources.folder("config") / "profiles" / f"{name}.toml"


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def _settings(settings: Settings) -> dict[str, Any]:
    policy, mailbox = settings.policy, settings.mailbox
    return {
        "mailbox": mailbox.address,
        "own_domains": list(mailbox.own_domains),
        "trusted_servers": list(mailbox.authserv_ids),
        "accept_unauthenticated": policy.accept_unauthenticated,
        "spam_headers": list(policy.spam_headers),
        "date_tolerance_days": policy.date_tolerance_days,
        "loop_limit": policy.loop_limit,
        "secret": seal_of(settings).decode(),
    }


def _read(path: Path, problems: list[str]) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        problems.append(f"{path}: can't be read ({error.strerror})")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.append(f"{path}: is not TOML ({error})")
    return {}


def minor_amounts(key: str, amounts: Mapping[str, str], problems: list[str]) -> dict[str, int]:
    """Return amounts by currency in minor units; what is no amount is added to the problems of `key`."""
    limits = {}
    for currency, amount in amounts.items():
        try:
            minor = to_minor(Decimal(amount), currency)
        except InvalidOperation:
            minor = None
        if minor is None or minor < 0:
            problems.append(f"{key}.{currency}: {amount!r} is no amount of that currency")
        else:
            limits[currency] = minor
    return limits
