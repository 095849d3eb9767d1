"""Simulated applicants: who applies, how the population drifts, and sending them to a running service.

What is here: `applicants.py` (applications to draw from, marked as simulated), `drifts.py` (named shifts of them),
`planned.py` (to whom, and which), `sending.py` (requests at a steady rate and what came back).
What to add here: another source of applicants, another drift, what becomes of the loans.
What must not be here: words of a command (`cli`), scoring, and measuring a service at its limit (`benchmarks`).
"""
