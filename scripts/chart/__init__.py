"""The values of the Helm chart, and what is made of them.

What is here: `values.py` with `parts.py`, `images.py` and `monitoring.py` (what may be set, as pydantic models),
`write.py` (schema, README, defaults, manifests), `helm.py` (Helm itself), `tools.py` (where it comes from).
What to add here: a value, with a docstring that says what it does.
What must not be here: templates; they are `helm/credit-platform/templates`.
"""
