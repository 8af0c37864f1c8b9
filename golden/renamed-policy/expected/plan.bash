# What holds for every run of the policy nights. Sourced by each run.sh, never run.
plan nights sha256:7cb29960c28f273dd89341207a3e8c593f4292d917e73e5d59670b4a864e0d41 2026-12-01T23:00:00Z 2026-12-03T23:00:00Z
