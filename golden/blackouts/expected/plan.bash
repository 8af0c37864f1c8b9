# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:20c51230dd64a66f12e130439010c8a2ee0bfbe145efba8e92c4fbca71ad7482 2026-12-19T23:00:00Z 2027-01-09T23:00:00Z

loaded plan
