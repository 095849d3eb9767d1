"""What speaks HTTP.

What is here: `app.py` (the routes), `handling.py` (what every handler needs), `batch.py` and `explain.py` (handlers of
their own), `docs_page.py`; around each request `guard.py` (errors, limits, headers) and `access.py` (keys, rate);
`connections.py` (what a connection may cost before there is a request); `startup.py` (keys and log, without which there
is no service); `draining.py` (how the service ends).
What to add here: an endpoint, a header.
What must not be here: reading what is in a body (`requests`), what scores (`runtime`).
"""
