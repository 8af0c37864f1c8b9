# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:40fb418724b3caea3592902716f8b88ac18d4d627d757939d238065bc3853466 2026-12-04T23:00:00Z 2026-12-07T23:00:00Z

loaded plan
