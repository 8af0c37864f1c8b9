# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:e591f463af461f37a59ca02ea2414ad4d13bdcc2e6320bfbcedcf3f887519acd 2027-10-29T22:00:00Z 2027-11-01T23:00:00Z

loaded plan
