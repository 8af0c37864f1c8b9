# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:3626e30e61543a31b0a238ca44676563bb22bc2024e03e375bae8f07bc9df589 2026-12-05T23:00:00Z 2026-12-07T23:00:00Z

loaded plan
