# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:cfa4debdcac707ed403f9554b0c8fc0bfd68d0e83a64e6b7e3c90ec0385b603d 2026-12-01T23:00:00Z 2026-12-06T23:00:00Z

loaded plan
