# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:8f0963c29d635f8b54715b1b64145d1c0a26c8277069a70f7205e6f7ee09ac09 2026-12-04T23:00:00Z 2026-12-08T23:00:00Z

loaded plan
