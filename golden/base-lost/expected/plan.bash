# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:b7e6401b63fa8e8751d69182635fed05c7d9d59ce14d8bb2c6f42396fae00e8b 2026-12-01T23:00:00Z 2026-12-04T23:00:00Z

loaded plan
