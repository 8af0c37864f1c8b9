# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:8928282e9b8d47413dd3264decbed39f8ef982ddf95932296a03f50f664f6c87 2026-12-01T23:00:00Z 2026-12-03T23:00:00Z
on_host kvm-b

loaded plan
