# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:e4ba15a65036c28049a4f664fe1d9f4151cc77e6e0c115785fc59d01d00a736e 2026-12-04T23:00:00Z 2026-12-08T23:00:00Z

loaded plan
