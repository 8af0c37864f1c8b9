# The runs of web, in order of time; lib/table.bash says what the words mean. Read by run.sh and run-due.sh, never run.
slot 2026-12-20T01:00:00Z full
  image vda
  image vdb
  keep_checkpoints nightly-20261220T010000Z
slot 2026-12-20T22:00:00Z incremental base=nightly-20261220T010000Z
  image vda
  image vdb
  keep_checkpoints nightly-20261220T220000Z
slot 2026-12-21T01:00:00Z incremental base=nightly-20261220T220000Z
  image vda
  image vdb
  keep_checkpoints nightly-20261221T010000Z
slot 2026-12-21T22:00:00Z incremental base=nightly-20261221T010000Z
  image vda
  image vdb
  keep_checkpoints nightly-20261221T220000Z
slot 2026-12-22T01:00:00Z incremental base=nightly-20261221T220000Z
  image vda
  image vdb
  keep_checkpoints nightly-20261222T010000Z
slot 2026-12-23T01:00:00Z incremental base=nightly-20261222T010000Z
  image vda
  image vdb
  keep_checkpoints nightly-20261223T010000Z
slot 2026-12-23T13:00:00Z incremental base=nightly-20261223T010000Z
  image vda
  image vdb
  keep_checkpoints nightly-20261223T130000Z
slot 2027-01-03T01:00:00Z full
  image vda
  image vdb
  keep_checkpoints nightly-20270103T010000Z
slot 2027-01-04T01:00:00Z incremental base=nightly-20270103T010000Z
  image vda
  image vdb
  keep_checkpoints nightly-20270104T010000Z
slot 2027-01-05T01:00:00Z incremental base=nightly-20270104T010000Z
  image vda
  image vdb
  keep_checkpoints nightly-20270105T010000Z
slot 2027-01-06T13:00:00Z incremental base=nightly-20270105T010000Z
  image vda
  image vdb
  keep_checkpoints nightly-20270106T130000Z
slot 2027-01-07T01:00:00Z incremental base=nightly-20270106T130000Z
  image vda
  image vdb
  keep_checkpoints nightly-20270107T010000Z
slot 2027-01-08T01:00:00Z incremental base=nightly-20270107T010000Z
  image vda
  image vdb
  keep_checkpoints nightly-20270108T010000Z
end_of_runs 13
