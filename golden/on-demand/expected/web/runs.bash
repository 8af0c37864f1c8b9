# The runs of web, in order of time; lib/table.bash says what the words mean. Read by run.sh and run-due.sh, never run.
slot 2026-12-02T01:00:00Z incremental base=nightly-20261201T010000Z
  image vda
  image vdb
  keep_checkpoints nightly-20261202T010000Z
slot 2026-12-03T01:00:00Z incremental base=nightly-20261202T010000Z
  image vda
  image vdb
  keep_checkpoints nightly-20261203T010000Z
slot 2026-12-04T01:00:00Z incremental base=nightly-20261203T010000Z
  image vda
  image vdb
  keep_checkpoints nightly-20261204T010000Z
slot 2026-12-05T01:00:00Z incremental base=nightly-20261204T010000Z
  image vda
  image vdb
  keep_checkpoints nightly-20261205T010000Z
slot 2026-12-06T01:00:00Z full
  image vda
  image vdb
  keep_checkpoints nightly-20261206T010000Z
  because nightly-20261129T143007Z nightly-20261205T010000Z nightly-20261206T010000Z
  prune nightly-20261130T091241Z
slot 2026-12-07T01:00:00Z incremental base=nightly-20261206T010000Z
  image vda
  image vdb
  keep_checkpoints nightly-20261207T010000Z
  because nightly-20261129T143007Z nightly-20261206T010000Z nightly-20261207T010000Z
  prune nightly-20261205T010000Z nightly-20261204T010000Z nightly-20261203T010000Z nightly-20261202T010000Z nightly-20261201T010000Z nightly-20261130T010000Z
slot 2026-12-08T01:00:00Z incremental base=nightly-20261207T010000Z
  image vda
  image vdb
  keep_checkpoints nightly-20261208T010000Z
slot 2026-12-09T01:00:00Z incremental base=nightly-20261208T010000Z
  image vda
  image vdb
  keep_checkpoints nightly-20261209T010000Z
slot 2026-12-10T01:00:00Z incremental base=nightly-20261209T010000Z
  image vda
  image vdb
  keep_checkpoints nightly-20261210T010000Z
slot 2026-12-11T01:00:00Z incremental base=nightly-20261210T010000Z
  image vda
  image vdb
  keep_checkpoints nightly-20261211T010000Z
end_of_runs 10
