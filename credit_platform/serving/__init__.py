"""What runs the promoted model, without Dagster: packages of it, and the processes that answer applicants.

What is here:
    what is served  `bentos.py` (the champion packaged), `intact_bentos.py` (is one there already),
                    `bento_places.py` (stored by key, brought to a home),
                    `shipped_histories.py` (what a Bento knows of known applicants), `erasures.py` (erasures carried out
                    again), `begun_erasures.py` (those that were cut short),
                    `shadowing.py` (which challenger scores along), `freshness.py` (whether the newest Bento
                    still answers to files, code and settings), `kept_bentos.py` (one that served before),
                `records.py` (what its tables say beside their rows), `verification.py` (is a home what was written).
    where           `promoted.py` (what should be served), `deployments.py` (evidence first, then the target, then the
                    verdict), `deployer.py` (the protocol by which a Bento is brought to a target) with `verdict.py`,
                    `smoke_test.py` (before clients reach it); `local/`, this machine: processes behind a reverse
                    proxy, switched blue-green; `kubernetes/`, a cluster: one pod, then the rest, or back;
                    `bento_fetching.py` (into a pod, by digest), `containers.py` (into an image).
    files of people `file_scoring.py` (a file of applications scored with it), `history_files.py` (the histories that
                    belong to them).
    asking it       `service_client.py` (the one HTTP client, for every program of the platform) with
                    `service_problems.py` (why there is no answer), `running_services.py`
                    (which services of this home run, and with which key), `shared_keys.py` (where keys that
                    last are kept), `certificates.py`, `connect_to.py` (at another address than its name says).
What to add here: another target as a `Deployer`, in a module or folder of its own.
What must not be here: Dagster, deciding what is promoted (`governance`), HTTP routes (`bento/`), scoring (`scoring`).
"""
