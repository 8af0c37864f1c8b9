# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:6415a4c67bbd5bc7da6a8ad31ff71d4a8477ea97bf38dc0ad56f9000728c6f1f 2026-11-30T23:00:00Z 2026-12-09T23:00:00Z

loaded plan
