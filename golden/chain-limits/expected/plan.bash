# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:1032b50a9af87c14eb5be6636f8c8791512ad033d4f9f85c2ea6e349c6b2a74b 2026-11-30T23:00:00Z 2026-12-09T23:00:00Z

loaded plan
