"""For the operator's eyes; never part of a verdict."""

import sys
from collections.abc import Callable
from enum import Enum


class Level(Enum):
    """How loud a message is."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


def _print(level: Level, message: str) -> None:
    print(f"{level.value}: {message}", file=sys.stderr)


#: Where messages go: in a plugin the host's log, elsewhere standard error.
write: Callable[[Level, str], None] = _print


def log(level: Level, message: str) -> None:
    """Say something to the operator; the plugin asks for the capability `log`."""
    write(level, message)
