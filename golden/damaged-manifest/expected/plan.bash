# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:f41a9b163a8e401ff88fb6d5b99523596810f7e7247b01214bc912083a992987 2026-12-01T23:00:00Z 2026-12-07T23:00:00Z

loaded plan
