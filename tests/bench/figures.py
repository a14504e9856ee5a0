# SPDX-License-Identifier: Apache-2.0
"""What the parts of the benchmark share: where the programs are, and how a figure is printed."""
import json
import os
import pathlib
import statistics
import subprocess
import sys

BUILD = pathlib.Path(os.environ.get("FACTORD_BUILD") or pathlib.Path(__file__).resolve().parents[2] / "build-bench")
os.environ["FACTORD_BUILD"] = str(BUILD)
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))  # which reads it when imported

PROGRAMS = BUILD / "tests" / "bench"
LOAD = PROGRAMS / "load"
BARE_NAME = "org.factord1.Bare"
# The shipped policy does not know the interface that only this build has, nor the bare service.
POLICY = f"""<policy user="root"><allow own="{BARE_NAME}"/></policy>
<policy context="default">
  <allow send_destination="org.factord1" send_interface="org.factord1.Bench"/>
  <allow send_destination="{BARE_NAME}"/>
</policy>"""


def load(bus, daemon, kind, clients, calls, run):
    """One measurement: rate in calls a second, cpu of the service in seconds a call, p50 in seconds."""
    done = subprocess.run([LOAD, bus.address, str(daemon.pid), kind, str(clients), str(calls), run],
                          capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"bench: {kind} with {clients} clients: {done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def say(text):
    print(text, flush=True)


def spread(values, form="{:.2f}"):
    return f"{form.format(statistics.median(values))} [{form.format(min(values))}..{form.format(max(values))}]"
