"""Simulated applicants: who applies, how the population drifts, sending them to a service, what becomes of their loans.

What is here: `applicants.py` (applicants to draw from, marked as simulated), `histories.py` (what else is known of
them), `drifts.py` (named shifts of them), `planned.py` (to whom, and which), `sending.py` (requests at a steady rate
and what came back), `truth.py` (who defaults, and the file in which a lender would say so).
What to add here: another source of applicants, another drift, another habit of a lender.
What must not be here: words of a command (`cli`), scoring, and measuring a service at its limit (`benchmarks`).
"""
