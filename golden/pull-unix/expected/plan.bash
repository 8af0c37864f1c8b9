# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:8d2339d644e476c279e37dd76d4f9062c0d5a3d94e5adc5e4b452542654ce71a 2026-12-04T23:00:00Z 2026-12-08T23:00:00Z

loaded plan
