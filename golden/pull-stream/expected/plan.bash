# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:c29c539fae44df1e807990c5a5a61bf20bff5ed8f55ec428323c46ab54de06a8 2026-12-04T23:00:00Z 2026-12-08T23:00:00Z

loaded plan
