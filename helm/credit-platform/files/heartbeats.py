"""Whether Dagster's daemon beats: its probes ask this, since `dagster-daemon liveness-check` takes seconds to start."""

import os
import sys
import time

import psycopg2

BEATING = ("MONITORING", "QUEUED_RUN_COORDINATOR", "SCHEDULER", "SENSOR")
# A round of sensors takes minutes where there is little of a processor; Dagster's own command allows thirty.
PATIENCE_SECONDS = 900
# Beats of the daemon before this one do not count: its process is the first of the container.
since = max(os.stat("/proc/1").st_ctime, time.time() - PATIENCE_SECONDS)
asked = """SELECT count(*) FROM daemon_heartbeats
WHERE daemon_type IN %s AND timestamp > timezone('utc', to_timestamp(%s))"""
try:
    connection = psycopg2.connect(os.environ["CREDIT_PLATFORM_DAGSTER_POSTGRES"], connect_timeout=5)
    cursor = connection.cursor()
    cursor.execute(asked, (BEATING, since))
    beating = cursor.fetchone()[0]
except psycopg2.Error:
    # A database that is away restarts nobody: the daemon waits for it.
    sys.exit(0 if sys.argv[1] == "live" else 1)
sys.exit(0 if beating == len(BEATING) else 1)
