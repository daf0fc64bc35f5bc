"""Types of fields that several kinds of files share; lengths keep a slip of one system out of all the others."""

from typing import Annotated, TypeAlias

import msgspec

NOT_BLANK = r"\S"
"""Pattern of a text that people read: with something in it."""
Id: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Text: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Code: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
Agb: TypeAlias = Annotated[
    str, msgspec.Meta(pattern=r"^[0-9]{8}\Z")
]  # no check digit exists: 2 digits of care kind, 6 more
