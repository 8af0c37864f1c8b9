# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:888136470543d3ead397a999b6ac3c9579ddb54365d781d401dc6945274ab2ef 2026-12-05T23:00:00Z 2026-12-07T23:00:00Z

loaded plan
