# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:7cb97e9468101bd163b0c1fc1884c9ed81c591f0c827bc3f4b543534eb3ed323 2026-12-04T23:00:00Z 2026-12-07T23:00:00Z

loaded plan
