# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:0f9c15e7cf0ceaf3888073b25c410dc6da5801fa12416a02729cd68eee0c97bd 2026-12-02T23:00:00Z 2026-12-04T23:00:00Z

loaded plan
