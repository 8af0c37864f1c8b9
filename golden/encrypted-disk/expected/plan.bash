# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:fe7159eddef713e223bbe1f374ad37b7b3fa5f842fc8a8a9799a74f8a197a522 2026-12-04T23:00:00Z 2026-12-06T23:00:00Z

loaded plan
