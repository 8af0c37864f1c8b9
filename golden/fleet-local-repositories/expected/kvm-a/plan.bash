# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:57bcd029311d079e92878b6194a3b5b7c561cc8943ddb065033a9639b717cb26 2026-12-01T23:00:00Z 2026-12-04T23:00:00Z
on_host kvm-a

loaded plan
