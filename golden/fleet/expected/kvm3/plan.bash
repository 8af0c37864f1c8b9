# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:5e843053311dbf5da413e773bee353563a0857a640767ed5eb7e24615560f38a 2026-12-01T23:00:00Z 2026-12-04T23:00:00Z
on_host kvm3

loaded plan
