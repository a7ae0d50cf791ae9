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
from processor.adapters.caps import Caps, UnseenLimits
from processor.adapters.limits import ReadingLimits
from processor.core.currencies import to_minor
from processor.core.policy import Policy, load_policy
from processor.settings import Settings
from processor.settings_load import BadSettingsError

PROFILE, LEXICON = "profile", "lexicon/"  # how drafts name the files
SAMPLE_SEAL = "the sample seal, known to all"  # for decisions whose letters are never sent


def policy_from(settings: Settings, draft: Mapping[str, str] | None = None) -> Policy:
    """Read profile and lexicons and join the settings to them. `draft` has texts to take instead of files, by name.

    Raises `BadSettingsError`.
    """
    problems: list[str] = []
    parsed = {name: _read(file, problems, (draft or {}).get(name)) for name, file in files_of(settings).items()}
    lexicons = {name.removeprefix(LEXICON): one for name, one in parsed.items() if name != PROFILE}
    limits = minor_amounts("policy.apply_limits", settings.policy.apply_limits, problems)
    if problems:
        raise BadSettingsError(*problems)
    try:
        return load_policy(parsed[PROFILE], lexicons, _settings(settings) | {"apply_limits": limits})
    except (AttributeError, KeyError, ValueError, TypeError, re.error) as error:
        what, folder = f"{type(error).__name__}: {error}", resources.folder("config")
        raise BadSettingsError(f"{folder}: profile {settings.policy.profile} or a lexicon is wrong ({what})") from error


def files_of(settings: Settings) -> dict[str, Path]:
    """Return the files that decide what is understood, by name: `profile`, and `lexicon/de` and the like."""
    lexicons = sorted((resources.folder("config") / "lexicon").glob("*.toml"))
    return {PROFILE: _profile(settings), **{f"{LEXICON}{file.stem}": file for file in lexicons}}


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


def caps_from(settings: Settings) -> Caps:
    """Return how many letters and items a flood may bring about."""
    flood = settings.flood
    return Caps(
        letters=flood.contact_letters_per_day,
        acknowledgements=flood.acknowledgements_per_day,
        stranger_letters=flood.stranger_letters_per_day,
        stranger_domain_letters=flood.stranger_domain_letters_per_day,
        stranger_items=flood.stranger_items_per_day,
        stranger_domain_items=flood.stranger_domain_items_per_day,
        hour_items=flood.stranger_items_per_hour,
        unknown_items=flood.unknown_numbers_per_day,
        slot=flood.slot_seconds,
    )


def reading_limits_from(settings: Settings) -> ReadingLimits:
    """Return what one mail may ask of us."""
    intake, reading = settings.intake, settings.reading
    return ReadingLimits(
        message=intake.max_bytes,
        header_block=reading.header_block_bytes,
        header=reading.header_bytes,
        headers=reading.headers,
        parts=reading.parts,
        depth=reading.depth,
        text=reading.text_characters,
        archive_total=reading.archive_total_bytes,
        archive_entries=reading.archive_entries,
        archive_ratio=reading.archive_ratio,
        child_memory=intake.read_memory_bytes,
        child_wall_seconds=intake.read_seconds,
    )


def seal_of(settings: Settings) -> bytes:
    """Return the secret that marks our letters; without one, a sample that proves nothing."""
    return (settings.seal.get_secret_value() or SAMPLE_SEAL).encode()


def versions_of(settings: Settings) -> dict[str, str]:
    """Name what decides, for the record of each decision: the program's version, and a hash of each file of words."""
    files = files_of(settings).values()
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
        "own_dkim": mailbox.own_dkim,
        "spam_headers": list(policy.spam_headers),
        "date_tolerance_days": policy.date_tolerance_days,
        "loop_limit": policy.loop_limit,
        "secret": seal_of(settings).decode(),
    }


def _read(path: Path, problems: list[str], instead: str | None = None) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8") if instead is None else instead)
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
