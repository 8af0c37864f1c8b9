# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:6188ade0a9ce03b3b9ed2ae3b00fc4e6c8c5617216423010850e00bf0319b3ae 2026-12-04T23:00:00Z 2026-12-07T23:00:00Z

loaded plan
