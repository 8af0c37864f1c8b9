# The runs of db, in order of time; lib/table.bash says what the words mean. Read by run.sh and run-due.sh, never run.
slot 2027-03-27T00:00:00Z full
  image vda scratch=/scratch/db-vda.qcow2
  keep_checkpoints nightly-20270327T000000Z
slot 2027-03-28T00:00:00Z full
  image vda scratch=/scratch/db-vda.qcow2
  keep_checkpoints nightly-20270328T000000Z
slot 2027-03-28T23:00:00Z incremental base=nightly-20270328T000000Z
  image vda scratch=/scratch/db-vda.qcow2
  keep_checkpoints nightly-20270328T230000Z
end_of_runs 3
