"""What this process takes of the machine.

What is here: `ProcessFigures`.
What to add here: another figure of the process that an operator acts on.
What must not be here: figures of the machine; others tell those.
"""

from __future__ import annotations

import threading
import time

import psutil
from prometheus_client import Counter, Gauge

from credit_platform.native_threads import usable_cores


class ProcessFigures:
    """Processor time and memory of this process, told whenever it is measured."""

    def __init__(self, cpu: Counter, memory: Gauge, cores: Gauge, start: Gauge) -> None:
        """Tell in these metrics; nothing is told before the first `measure`."""
        self._cpu, self._memory, self._cores, self._start = cpu, memory, cores, start
        self._told = 0.0
        self._lock = threading.Lock()

    def measure(self) -> None:
        """Tell what it took so far."""
        # The process is asked for each time: `bentoml serve` makes workers of the one that imported this.
        process = psutil.Process()
        with self._lock:
            used = time.process_time()
            self._cpu.inc(max(0.0, used - self._told))
            self._told = used
        self._memory.set(process.memory_info().rss)
        self._cores.set(usable_cores())
        self._start.set(process.create_time())
