# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:e8b7ea2c2a538802f77964f5f3c50ddae99671aa61ea1e88f771d0f7a72cbda0 2026-12-01T23:00:00Z 2026-12-03T23:00:00Z

loaded plan
