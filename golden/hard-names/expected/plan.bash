# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:59890697d8ee8c83d29c4339c372069607638088d2983b653da16ff192e1792c 2026-12-05T23:00:00Z 2026-12-07T23:00:00Z
