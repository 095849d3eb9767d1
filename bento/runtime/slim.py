"""Keeping the service's process as small as its environment.

What is here: `without`, which hides installed packages from those that would import them for convenience.
What to add here: nothing, with luck.
What must not be here: hiding something that a scorer needs: the slim environment has everything it needs.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

UNUSED = ("dask", "datatable", "matplotlib", "pandas", "pyarrow", "sklearn")
"""What LightGBM and XGBoost import if they find it. A Bento's environment lacks these; where the whole platform is
installed they would double the modules that the garbage collector walks, and the time to start."""


@contextmanager
def without(*names: str) -> Iterator[None]:
    """Make `import name` fail as if it were not installed, for packages that are not imported yet."""
    hidden = [name for name in names if name not in sys.modules]
    # None in sys.modules is Python's documented way of saying that there is no such module.
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # typeshed knows modules only
    try:
        yield
    finally:
        for name in hidden:
            if sys.modules.get(name) is None:
                sys.modules.pop(name, None)
