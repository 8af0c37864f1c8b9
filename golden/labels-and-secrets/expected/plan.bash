# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:5dc569f68eef012d29d2c30f321ba96a82ebab5081b0e2a7e7189006d22fc0a9 2026-12-05T00:00:00Z 2026-12-07T00:00:00Z

loaded plan
