# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:c6c9c5ba4c6e054e168a4d2bd29ec2fe606ec85844861844a8113ca90edc4a21 2026-12-04T23:00:00Z 2026-12-08T23:00:00Z

loaded plan
