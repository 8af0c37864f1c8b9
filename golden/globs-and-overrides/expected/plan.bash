# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:20a43b637472d9b0515b7b84665fe76bc825a44dee3f8eb1304a328dbd98dd7a 2026-12-05T23:00:00Z 2026-12-07T23:00:00Z

loaded plan
