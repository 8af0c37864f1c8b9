# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:6d68f47f3b35a88271045be57d2cb0756dccfeec6ef624f9c086b7c208b365ae 2026-12-05T23:00:00Z 2026-12-07T23:00:00Z

loaded plan
