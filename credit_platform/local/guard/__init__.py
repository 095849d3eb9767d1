"""The guard: what stands before the pages that `make up`, `ui` and `console` open, so that only their owner gets in.

    who may ask      `token.py` (the token of a home), `access.py` (hosts, origins, methods, tries)
    what is said     `pages.py` (the page to log in with, and sentences for programs)
    what goes on     `forwarding.py` (requests and websockets to the socket of the program behind), `application.py`,
                     `guarded.py` (which page is before which socket), `__main__.py` (the process), `component.py` (as
                     one of the programs started side by side)

What is here: one small server for Dagster, MLflow and the console; each is behind a Unix socket of a private folder.
What to add here: a door that all of these pages have in common.
What must not be here: the scoring service's doors (`bento`, `serving.local`), which have keys of their own.
"""
