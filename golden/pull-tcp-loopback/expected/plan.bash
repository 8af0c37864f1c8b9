# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:30b7cae270260047fd0f076e1824b620a4b600c731ac77ff7fafb3c9f7645a6d 2026-12-05T23:00:00Z 2026-12-06T23:00:00Z

loaded plan
