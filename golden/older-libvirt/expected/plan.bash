# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:3eccc54b8644aa80f3d2755c22df35e1f6ce9d1145ee815ddd92328ff5b11aa6 2026-12-05T00:00:00Z 2026-12-07T00:00:00Z

loaded plan
