# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:319ea49bf4025426822299e8acb7b628cf0bb312c0fef9b5d4dd05cbec343d3c 2026-12-04T23:00:00Z 2026-12-08T23:00:00Z

loaded plan
