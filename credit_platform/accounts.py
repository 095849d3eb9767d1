"""Which account of the operating system acts: what a record says beside the name that a person gave.

What is here: `account`, `full_name`, `same_person`.
What to add here: another thing that the machine knows of whoever acts.
What must not be here: what an account may do; the rooms decide that.

Never from the environment: `LOGNAME=ada` is said by anybody, the user id of the process is the system's.
"""

from __future__ import annotations

import os
import pwd
import unicodedata


def account() -> str:
    """The account under which this process runs; `uid 1000` where the system knows no name for it."""
    entry = _entry()
    return f"uid {os.getuid()}" if entry is None else entry.pw_name


def full_name() -> str | None:
    """The name of the person whose account it is, where the system knows one (first field of GECOS)."""
    entry = _entry()
    return None if entry is None else entry.pw_gecos.partition(",")[0].strip() or None


def same_person(name: str, other: str) -> bool:
    """Whether two names are one but for case, accents, blanks and punctuation: `Ada L.` and `ada l`."""
    return bool(_letters(name)) and _letters(name) == _letters(other)


def _letters(name: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFKD", name).casefold() if letter.isalnum())


def _entry() -> pwd.struct_passwd | None:
    try:
        return pwd.getpwuid(os.getuid())
    except KeyError:
        return None
