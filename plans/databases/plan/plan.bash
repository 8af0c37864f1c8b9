# What holds for every run of the policy databases. Sourced by each run.sh, never run.
plan databases sha256:1b7001c1b85f363056454c7bba2553c0a8bd8991bbfd39c067330f5bae17b9cf 2026-12-01T05:00:00Z 2026-12-11T05:00:00Z

loaded plan
