"""A cluster as the target of `serving/deployment`: one pod first, then the rest, or back to the Bento before.

What is here: `deployer.py` (the order of things, and what is done when one of them fails), `workload.py` (the
Deployment of a service: what it is told, and the only change that is made there), `pods.py` (how its pods are),
`error_rate.py` (what a pod answered, by its own count), `connection.py` (which cluster, as whom).
What to add here: another sign that a pod is not well (`pods.py`).
What must not be here: Dagster, the pods themselves (the Helm chart), and which Bento is promoted.

What has begun stands in the Deployment itself, so that a run that was killed is taken up by the next one.
"""
