# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:172562a00a451eb3e2213c3d24dc0494c5d2b547b201f096935fc68331d66211 2026-11-28T23:00:00Z 2026-12-06T23:00:00Z

loaded plan
