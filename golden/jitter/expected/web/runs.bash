# The runs of web, in order of time; lib/table.bash says what the words mean. Read by run.sh and run-due.sh, never run.
slot 2026-12-05T01:00:00Z full start=2026-12-05T08:03:56Z
  image vda
  image vdb
  keep_checkpoints nightly-20261205T010000Z
slot 2026-12-05T07:00:00Z incremental base=nightly-20261205T010000Z start=2026-12-05T14:03:56Z
  image vda
  image vdb
  keep_checkpoints nightly-20261205T070000Z
slot 2026-12-05T13:00:00Z incremental base=nightly-20261205T070000Z start=2026-12-05T20:03:56Z
  image vda
  image vdb
  keep_checkpoints nightly-20261205T130000Z
slot 2026-12-06T01:00:00Z full start=2026-12-06T08:03:56Z
  image vda
  image vdb
  keep_checkpoints nightly-20261206T010000Z
slot 2026-12-06T07:00:00Z incremental base=nightly-20261206T010000Z start=2026-12-06T14:03:56Z
  image vda
  image vdb
  keep_checkpoints nightly-20261206T070000Z
slot 2026-12-06T13:00:00Z incremental base=nightly-20261206T070000Z start=2026-12-06T20:03:56Z
  image vda
  image vdb
  keep_checkpoints nightly-20261206T130000Z
slot 2026-12-07T01:00:00Z incremental base=nightly-20261206T130000Z start=2026-12-07T08:03:56Z
  image vda
  image vdb
  keep_checkpoints nightly-20261207T010000Z
slot 2026-12-07T07:00:00Z incremental base=nightly-20261207T010000Z start=2026-12-07T14:03:56Z
  image vda
  image vdb
  keep_checkpoints nightly-20261207T070000Z
slot 2026-12-07T13:00:00Z incremental base=nightly-20261207T070000Z start=2026-12-07T20:03:56Z
  image vda
  image vdb
  keep_checkpoints nightly-20261207T130000Z
end_of_runs 9
