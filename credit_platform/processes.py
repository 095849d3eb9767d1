"""Which process of which host: what a record says of whoever made it, and whether that process can still be there.

What is here: `ProcessIdentity`. What to add here: nothing that starts or stops a process.
What must not be here: what follows from a process that is gone; its room decides that.
"""

from __future__ import annotations

import os
import socket
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, Self

import psutil

START_TOLERANCE_SECONDS = 5.0
"""A step of the clock moves the start that the system reports."""
_FIRST_NAMESPACE = "pid:[4026531836]"
"""Of a Linux host itself; a container has another (kernel: include/linux/proc_ns.h, PROC_PID_INIT_INO)."""


@dataclass(frozen=True, kw_only=True)
class ProcessIdentity:
    """A process that cannot be taken for another one, here or elsewhere."""

    host: str
    boot: str
    """Changes when the host starts again; empty where the system does not tell."""
    namespace: str
    """Numbers of processes mean something within it only; empty where the system does not tell."""
    pid: int
    started: float
    """Seconds since 1970."""

    @classmethod
    def own(cls) -> Self:
        """This process."""
        process = psutil.Process()
        host, boot, namespace = _here()
        return cls(host=host, boot=boot, namespace=namespace, pid=process.pid, started=round(process.create_time(), 2))

    @classmethod
    def parse(cls, document: dict[str, Any]) -> Self:
        """Read what `document` wrote.

        Raises:
            ValueError: it is not one.
        """
        try:
            texts = {name: str(document[name]) for name in ("host", "boot", "namespace")}
            return cls(pid=int(document["pid"]), started=float(document["started"]), **texts)
        except (KeyError, TypeError) as error:
            raise ValueError("not the identity of a process") from error

    def document(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)

    def state(self) -> Literal["alive", "gone", "unknown"]:
        """Whether it runs; unknown for a process of another host, whose numbers mean nothing here."""
        host, boot, namespace = _here()
        if self.host != host:
            return "unknown"
        if self.boot != boot:
            return "gone"  # the host has started again since
        if self.namespace != namespace:
            # A container that was started again keeps its name and loses its processes. Where one side is the host
            # itself, the two merely share a name (containers on the host's network), and both may be alive.
            return "unknown" if _FIRST_NAMESPACE in (self.namespace, namespace) else "gone"
        return "alive" if is_alive(self.pid, self.started) else "gone"


def is_alive(pid: int, started: float) -> bool:
    """Whether the process of this number, started at this time, runs on this host."""
    try:
        found = psutil.Process(pid)
        same = bool(abs(found.create_time() - started) < START_TOLERANCE_SECONDS)
        return same and found.status() != psutil.STATUS_ZOMBIE
    except (psutil.NoSuchProcess, ValueError, OverflowError):
        return False


@cache
def _here() -> tuple[str, str, str]:
    boot = Path("/proc/sys/kernel/random/boot_id")
    try:
        return socket.gethostname(), boot.read_text(encoding="ascii").strip(), os.readlink("/proc/self/ns/pid")
    except OSError:  # not Linux: the time a process started tells it from one before the last start of the host
        return socket.gethostname(), "", ""
