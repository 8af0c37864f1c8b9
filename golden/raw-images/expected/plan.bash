# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:ad8dd199b1b8affc8bd08626afde14c87f8fc78b608763a7f489d7ce1280e28a 2026-12-04T23:00:00Z 2026-12-08T23:00:00Z

loaded plan
