# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:2d3599d31e87e7f57415dc0bc4c1c7f0d111fea3af9616d7a0d3075e3ffb2e60 2011-12-28T10:00:00Z 2012-01-01T10:00:00Z

loaded plan
