"""What servers say about a file, read with doubt: its length, its mark, and what went wrong."""

import re
from pathlib import Path


def length(answer: object) -> int | None:
    """How many bytes come, if the server says so in digits."""
    told = answer.headers.get("Content-Length", "")
    return int(told) if re.fullmatch("[0-9]{1,15}", told) else None


def kept_mark(path: Path) -> str:
    """The server's mark for a version of a file that was kept; nothing where there is none that could be sent back."""
    told = path.read_bytes() if path.exists() else b""
    return told.decode() if re.fullmatch(rb"[!-~]([ -~]*[!-~])?", told) else ""


def short(error: BaseException) -> str:
    """Return the innermost reason of a chain of network errors, such as "Connection refused"."""
    while error.__context__ is not None:
        error = error.__context__
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
