# The runs of web, in order of time; lib/table.bash says what the words mean. Read by run.sh and run-due.sh, never run.
slot 2026-11-01T03:30:00Z full
  image vda
  image vdb
  keep_checkpoints hourly-20261101T033000Z
slot 2026-11-01T04:30:00Z incremental base=hourly-20261101T033000Z
  image vda
  image vdb
  keep_checkpoints hourly-20261101T043000Z
slot 2026-11-01T05:00:00Z full
  image vda
  image vdb
  keep_checkpoints hourly-20261101T050000Z
slot 2026-11-01T05:20:00Z full
  image vda
  image vdb
  keep_checkpoints hourly-20261101T052000Z
slot 2026-11-01T05:30:00Z incremental base=hourly-20261101T052000Z
  image vda
  image vdb
  keep_checkpoints hourly-20261101T053000Z
slot 2026-11-01T05:40:00Z full
  image vda
  image vdb
  keep_checkpoints hourly-20261101T054000Z
slot 2026-11-01T07:30:00Z incremental base=hourly-20261101T054000Z
  image vda
  image vdb
  keep_checkpoints hourly-20261101T073000Z
slot 2026-11-01T08:30:00Z incremental base=hourly-20261101T073000Z
  image vda
  image vdb
  keep_checkpoints hourly-20261101T083000Z
slot 2026-11-01T09:30:00Z incremental base=hourly-20261101T083000Z
  image vda
  image vdb
  keep_checkpoints hourly-20261101T093000Z
  because hourly-20261101T050000Z hourly-20261101T052000Z hourly-20261101T053000Z hourly-20261101T054000Z hourly-20261101T073000Z hourly-20261101T083000Z hourly-20261101T093000Z
  prune hourly-20261101T043000Z hourly-20261101T033000Z
end_of_runs 9
