# The runs of web, in order of time; lib/table.bash says what the words mean. Read by run.sh and run-due.sh, never run.
slot 2027-10-29T22:00:00Z full
  image vda
  image vdb
  keep_checkpoints nightly-20271029T220000Z
slot 2027-10-30T00:30:00Z full
  image vda
  image vdb
  keep_checkpoints nightly-20271030T003000Z
slot 2027-10-30T04:00:00Z incremental base=nightly-20271030T003000Z
  image vda
  image vdb
  keep_checkpoints nightly-20271030T040000Z
slot 2027-10-30T10:00:00Z incremental base=nightly-20271030T040000Z
  image vda
  image vdb
  keep_checkpoints nightly-20271030T100000Z
slot 2027-10-30T16:00:00Z incremental base=nightly-20271030T100000Z
  image vda
  image vdb
  keep_checkpoints nightly-20271030T160000Z
slot 2027-10-30T22:00:00Z incremental base=nightly-20271030T160000Z
  image vda
  image vdb
  keep_checkpoints nightly-20271030T220000Z
slot 2027-10-31T00:30:00Z full
  image vda
  image vdb
  keep_checkpoints nightly-20271031T003000Z
slot 2027-10-31T05:00:00Z incremental base=nightly-20271031T003000Z
  image vda
  image vdb
  keep_checkpoints nightly-20271031T050000Z
  because nightly-20271030T003000Z nightly-20271030T040000Z nightly-20271030T100000Z nightly-20271030T160000Z nightly-20271030T220000Z nightly-20271031T003000Z nightly-20271031T050000Z
  prune nightly-20271029T220000Z
slot 2027-10-31T11:00:00Z incremental base=nightly-20271031T050000Z
  image vda
  image vdb
  keep_checkpoints nightly-20271031T110000Z
slot 2027-10-31T17:00:00Z incremental base=nightly-20271031T110000Z
  image vda
  image vdb
  keep_checkpoints nightly-20271031T170000Z
slot 2027-10-31T23:00:00Z incremental base=nightly-20271031T170000Z
  image vda
  image vdb
  keep_checkpoints nightly-20271031T230000Z
slot 2027-11-01T01:30:00Z full
  image vda
  image vdb
  keep_checkpoints nightly-20271101T013000Z
slot 2027-11-01T05:00:00Z incremental base=nightly-20271101T013000Z
  image vda
  image vdb
  keep_checkpoints nightly-20271101T050000Z
  because nightly-20271031T003000Z nightly-20271031T050000Z nightly-20271031T110000Z nightly-20271031T170000Z nightly-20271031T230000Z nightly-20271101T013000Z nightly-20271101T050000Z
  prune nightly-20271030T220000Z nightly-20271030T160000Z nightly-20271030T100000Z nightly-20271030T040000Z nightly-20271030T003000Z
slot 2027-11-01T11:00:00Z incremental base=nightly-20271101T050000Z
  image vda
  image vdb
  keep_checkpoints nightly-20271101T110000Z
slot 2027-11-01T17:00:00Z incremental base=nightly-20271101T110000Z
  image vda
  image vdb
  keep_checkpoints nightly-20271101T170000Z
end_of_runs 15
