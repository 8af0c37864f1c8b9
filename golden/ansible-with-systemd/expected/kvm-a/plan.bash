# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:f827fa6c55f97eb08dc9af7271ad7ef90bd5360910811194aff8c33839cf93b4 2026-12-02T00:00:00Z 2026-12-03T00:00:00Z
on_host kvm-a

loaded plan
