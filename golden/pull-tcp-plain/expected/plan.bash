# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:78fe7e16d6b7660d1dc9de8b385de1433d0dbd8d3b2465b022a1c9bed4189dac 2026-12-05T23:00:00Z 2026-12-06T23:00:00Z

loaded plan
