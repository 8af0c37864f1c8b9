# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:6596e5278313e809084b9d3f55376544c841657e9144cf528132620b711598ff 2026-12-05T23:00:00Z 2026-12-07T23:00:00Z

loaded plan
