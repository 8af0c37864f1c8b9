# The runs of web, in order of time; lib/table.bash says what the words mean. Read by run.sh and run-due.sh, never run.
slot 2011-12-28T15:00:00Z full
  image vda
  image vdb
  keep_checkpoints nightly-20111228T150000Z
slot 2011-12-29T15:00:00Z incremental base=nightly-20111228T150000Z
  image vda
  image vdb
  keep_checkpoints nightly-20111229T150000Z
slot 2011-12-30T10:00:00Z full
  image vda
  image vdb
  keep_checkpoints nightly-20111230T100000Z
slot 2011-12-30T15:00:00Z incremental base=nightly-20111230T100000Z
  image vda
  image vdb
  keep_checkpoints nightly-20111230T150000Z
slot 2011-12-31T15:00:00Z incremental base=nightly-20111230T150000Z
  image vda
  image vdb
  keep_checkpoints nightly-20111231T150000Z
end_of_runs 5
