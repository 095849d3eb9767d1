"""From a tag to what answers applicants: images by digest, a release upgraded, tried, and taken back when it fails.

What is here: `deploy.py` (`scripts/deploy ENV TAG`: the order of things), `environments.py` (where a release runs, and
what it must pass there), `images.py` (the digests of a tag), `approvals.py` (who said yes, and what staging said),
`release.py` (Helm and kubectl), `gates.py` (what is asked of a release before it may stay), `reports.py` (who is told),
`publish.py` (images to a registry), `notes.py` (what a version says of itself).
What to add here: another gate, in `gates.py`.
What must not be here: which model serves; that is `serving/deployment`, and a tag leaves it as it is (ADR 0040).
"""
