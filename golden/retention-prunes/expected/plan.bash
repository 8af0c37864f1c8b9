# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:4031066fbc31fef83027198fa3c08a00f82b2ead1abfd86a584418e937f7122c 2026-12-01T23:00:00Z 2026-12-15T23:00:00Z

loaded plan
