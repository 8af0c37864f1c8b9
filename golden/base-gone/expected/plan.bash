# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:64880025df77628ab26000bfe999b6b1653743501a68d66444e54df60243f1c5 2026-12-01T23:00:00Z 2026-12-04T23:00:00Z

loaded plan
