# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:302d7d858359f636d46eefa9b41c1b6d7b051c3c3fa7f7c5dfda2f8a03ecb081 2026-12-04T23:00:00Z 2026-12-07T23:00:00Z

loaded plan
