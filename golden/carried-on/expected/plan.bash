# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:0005643ef348a25d9e1e605aabc26cf2b7f020a781667df3eba1167f1c5b02f6 2026-12-01T23:00:00Z 2026-12-06T23:00:00Z

loaded plan
