# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:0b1a716ddc8173549480552da5afb473e4c1c0b3dd68edba44295ba0d2e93893 2026-12-04T23:00:00Z 2026-12-08T23:00:00Z

loaded plan
