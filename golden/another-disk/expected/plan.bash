# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:78eeba4de993c61c29d08dc409764c30d749e24a8b6894761a2267acb0d30340 2026-12-01T23:00:00Z 2026-12-03T23:00:00Z

loaded plan
