"""What every section of the settings shares."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

PREFIX = "PROCESSOR_"
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

Port = Annotated[int, Field(ge=1, le=65535)]
Seconds = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(ge=1)]
Text = Annotated[str, Field(min_length=1)]
Security = Literal["tls", "starttls", "plain"]


class Section(BaseModel):
    """A table of the settings file. A key that isn't here is an error, so that a typing mistake can't pass for a
    setting.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)
