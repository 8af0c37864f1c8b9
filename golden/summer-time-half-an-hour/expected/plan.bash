# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:42deb43926899676019a07f6df378a0277c5a4ce3251ea322ee8a01c09eddd01 2027-04-02T13:00:00Z 2027-04-05T13:30:00Z

loaded plan
