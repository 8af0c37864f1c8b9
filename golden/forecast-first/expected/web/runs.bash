# The runs of web, in order of time; lib/table.bash says what the words mean. Read by run.sh and run-due.sh, never run.
slot 2026-11-29T02:00:00Z full
  image vda
  image vdb
  keep_checkpoints nightly-20261129T020000Z
slot 2026-11-30T02:00:00Z incremental base=nightly-20261129T020000Z
  image vda
  image vdb
  keep_checkpoints nightly-20261130T020000Z
slot 2026-12-01T02:00:00Z incremental base=nightly-20261130T020000Z
  image vda
  image vdb
  keep_checkpoints nightly-20261201T020000Z
slot 2026-12-02T02:00:00Z incremental base=nightly-20261201T020000Z
  image vda
  image vdb
  keep_checkpoints nightly-20261202T020000Z
slot 2026-12-03T02:00:00Z incremental base=nightly-20261202T020000Z
  image vda
  image vdb
  keep_checkpoints nightly-20261203T020000Z
slot 2026-12-04T02:00:00Z incremental base=nightly-20261203T020000Z
  image vda
  image vdb
  keep_checkpoints nightly-20261204T020000Z
slot 2026-12-05T02:00:00Z incremental base=nightly-20261204T020000Z
  image vda
  image vdb
  keep_checkpoints nightly-20261205T020000Z
slot 2026-12-06T02:00:00Z full
  image vda
  image vdb
  keep_checkpoints nightly-20261206T020000Z
end_of_runs 8
