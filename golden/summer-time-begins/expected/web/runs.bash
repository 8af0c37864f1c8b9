# The runs of web, in order of time; lib/table.bash says what the words mean. Read by run.sh and run-due.sh, never run.
slot 2027-03-26T23:00:00Z full
  image vda
  image vdb
  keep_checkpoints nightly-20270326T230000Z
slot 2027-03-27T01:30:00Z full
  image vda
  image vdb
  keep_checkpoints nightly-20270327T013000Z
slot 2027-03-27T05:00:00Z incremental base=nightly-20270327T013000Z
  image vda
  image vdb
  keep_checkpoints nightly-20270327T050000Z
slot 2027-03-27T11:00:00Z incremental base=nightly-20270327T050000Z
  image vda
  image vdb
  keep_checkpoints nightly-20270327T110000Z
slot 2027-03-27T17:00:00Z incremental base=nightly-20270327T110000Z
  image vda
  image vdb
  keep_checkpoints nightly-20270327T170000Z
slot 2027-03-27T23:00:00Z incremental base=nightly-20270327T170000Z
  image vda
  image vdb
  keep_checkpoints nightly-20270327T230000Z
slot 2027-03-28T01:00:00Z full
  image vda
  image vdb
  keep_checkpoints nightly-20270328T010000Z
slot 2027-03-28T04:00:00Z incremental base=nightly-20270328T010000Z
  image vda
  image vdb
  keep_checkpoints nightly-20270328T040000Z
  because nightly-20270327T013000Z nightly-20270327T050000Z nightly-20270327T110000Z nightly-20270327T170000Z nightly-20270327T230000Z nightly-20270328T010000Z nightly-20270328T040000Z
  prune nightly-20270326T230000Z
slot 2027-03-28T10:00:00Z incremental base=nightly-20270328T040000Z
  image vda
  image vdb
  keep_checkpoints nightly-20270328T100000Z
slot 2027-03-28T16:00:00Z incremental base=nightly-20270328T100000Z
  image vda
  image vdb
  keep_checkpoints nightly-20270328T160000Z
slot 2027-03-28T22:00:00Z incremental base=nightly-20270328T160000Z
  image vda
  image vdb
  keep_checkpoints nightly-20270328T220000Z
slot 2027-03-29T00:30:00Z full
  image vda
  image vdb
  keep_checkpoints nightly-20270329T003000Z
slot 2027-03-29T04:00:00Z incremental base=nightly-20270329T003000Z
  image vda
  image vdb
  keep_checkpoints nightly-20270329T040000Z
  because nightly-20270328T010000Z nightly-20270328T040000Z nightly-20270328T100000Z nightly-20270328T160000Z nightly-20270328T220000Z nightly-20270329T003000Z nightly-20270329T040000Z
  prune nightly-20270327T230000Z nightly-20270327T170000Z nightly-20270327T110000Z nightly-20270327T050000Z nightly-20270327T013000Z
slot 2027-03-29T10:00:00Z incremental base=nightly-20270329T040000Z
  image vda
  image vdb
  keep_checkpoints nightly-20270329T100000Z
slot 2027-03-29T16:00:00Z incremental base=nightly-20270329T100000Z
  image vda
  image vdb
  keep_checkpoints nightly-20270329T160000Z
end_of_runs 15
