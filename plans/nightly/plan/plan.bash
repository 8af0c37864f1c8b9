# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:356e112695c8a8e5df15c3814da7c4bd302acfddb015101a5eb09630594ad9a7 2026-11-30T23:00:00Z 2026-12-14T23:00:00Z

loaded plan
