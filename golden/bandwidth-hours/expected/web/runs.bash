# The runs of web, in order of time; lib/table.bash says what the words mean. Read by run.sh and run-due.sh, never run.
slot 2027-03-27T00:00:00Z full start=2027-03-27T00:22:46Z
  image vda
  image vdb
  keep_checkpoints nightly-20270327T000000Z
slot 2027-03-28T00:00:00Z full start=2027-03-28T00:22:46Z
  image vda
  image vdb
  keep_checkpoints nightly-20270328T000000Z
slot 2027-03-28T23:00:00Z incremental base=nightly-20270328T000000Z start=2027-03-28T23:01:00Z
  image vda
  image vdb
  keep_checkpoints nightly-20270328T230000Z
end_of_runs 3
