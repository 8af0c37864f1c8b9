# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:10ae72603e1871b8af6032b63cc9190274ab4a51ab6d57e4f9911db41c8b8cd8 2026-12-04T23:00:00Z 2026-12-08T23:00:00Z

loaded plan
