# What holds for every run of the policy hourly. Sourced by each run.sh, never run.
plan hourly sha256:db2eb9aa1ef09a00f198f78435407b128e254a54e789fec7411e23f7295c1864 2026-11-01T03:00:00Z 2026-11-01T10:00:00Z

loaded plan
