"""Scoring services on this machine: a process for each Bento behind a port that stays when the process changes.

What is here: `service_process.py` starts, asks and stops one process; `blue_green.py` puts the process of a newly
promoted Bento in the place of the old one; `reverse_proxy.py` is the port that clients know, with
`proxy_connections.py` (a client and its backend) and `http_framing.py` (where requests and answers begin and end);
`following.py` does this for several portfolios; `ports.py`.
What to add here: what a service on one machine needs and a cluster brings by itself.
What must not be here: Dagster, Rich or Typer, and other programs than scoring services (`credit_platform.local`).
"""
