"""The release on a real cluster: whichever `KUBECONFIG` names. Not part of `make test`; run by `make test-cluster`.

What is here: `kube.py` (kubectl and Helm), `walked.py` (the steps of docs/DEPLOYMENT.md, carried out as they stand),
`asking.py` (clients that load the service), `conftest.py` (one release, which the tests share).
What to add here: what only pods can show: that something starts, scales, is refused, goes back, comes again.
What must not be here: what the rendered chart shows already (`unit/chart`).

The tests of one session share a release, in the order of the files' names; each leaves it ready. `test_a_release.py` is
the short form: it starts, decides, runs and rolls back.
"""
