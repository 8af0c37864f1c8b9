# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:87917fe42f765927e895d60744e9841c9ffe1ab929db726b6f82edfb1f7f57b1 2027-03-26T23:00:00Z 2027-03-29T22:00:00Z

loaded plan
