# What holds for every run of the policy forever. Sourced by each run.sh, never run.
plan forever sha256:3d251c593f5aa6dbfc75e55586b49801f0a3b4a6235b8ba55d335f2d8ac6f12d 2026-11-30T23:00:00Z 2026-12-21T23:00:00Z

loaded plan
