"""A reader that also checks signatures: keys come from outside, the arithmetic is done in the child that reads mail."""

from __future__ import annotations

from dataclasses import replace

from processor.adapters.child import ChildReader
from processor.core.identity import author_of
from processor.core.message import Message
from processor.core.signatures import worth_checking
from processor.ports import Keys


class VerifyingReader:
    """`Reader` that fills in `Message.signers`. `read` raises `TransientError` while the keys can't be asked for."""

    def __init__(self, reader: ChildReader, keys: Keys) -> None:
        self._reader = reader
        self._keys = keys

    def read(self, raw: bytes) -> Message:
        message = self._reader.read(raw)
        author = author_of(message)
        if author is None or message.over_limit:
            return message
        signatures = {one.index: one for one in worth_checking(message, author)}
        records = {index: (one.domain, self._keys.key(one.key_name)) for index, one in signatures.items()}
        known = {index: found for index, found in records.items() if found[1]}
        held = self._reader.holding(raw, known) if known else ()
        return replace(message, signers=tuple(dict.fromkeys(signatures[index].domain for index in held)))

    def close(self) -> None:
        self._reader.close()
