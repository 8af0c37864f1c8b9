# What holds for every run of the policy mixed. Sourced by each run.sh, never run.
plan mixed sha256:41b8b60ccb84b20e53749d485261fe93baf3fd9e34a8155fe8b4baab1c7f6201 2026-11-30T23:00:00Z 2026-12-28T23:00:00Z

loaded plan
