"""The guard as one of the programs that are started side by side.

What is here: `guard_component`. What must not be here: the guard itself (`__main__.py`).
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from urllib.parse import urlsplit

from credit_platform.local.guard.guarded import Guarded, guard_variables
from credit_platform.local.guard.token import TokenFile
from credit_platform.local.supervisor import Component
from credit_platform.settings import Settings

CONSOLE = "Console"
"""The one of the programs whose pages send forms."""


def guard_component(settings: Settings, components: Sequence[Component]) -> Component:
    """What lets people in at the ports of `components`, which listen at sockets; the token is made where there is none.

    Raises:
        ApiKeyError: the token of the home cannot be read or made.
    """
    token = TokenFile.of(settings)
    token.read_or_make()
    guarded = [
        Guarded(one.socket, urlsplit(one.url).port or 0, forms=one.name == CONSOLE)
        for one in components
        if one.socket is not None
    ]
    return Component(
        name="Guard",
        url=components[0].url,
        health_url=f"{components[0].url}/-/health",
        log=settings.home.resolve() / "logs" / "guard.log",
        command=[sys.executable, "-m", "credit_platform.local.guard"],
        variables=guard_variables(token, guarded),
    )
