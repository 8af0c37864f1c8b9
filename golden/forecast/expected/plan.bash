# What holds for every run of the policy forever. Sourced by each run.sh, never run.
plan forever sha256:5c0d1a763ecf6773951d0dcaac6b96afd991b798fe2537b8efbf41325b811df7 2026-11-30T23:00:00Z 2026-12-21T23:00:00Z

loaded plan
