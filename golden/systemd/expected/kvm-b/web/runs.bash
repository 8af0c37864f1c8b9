# The runs of web, in order of time; lib/table.bash says what the words mean. Read by run.sh and run-due.sh, never run.
slot 2027-03-27T01:00:00Z full
  image vda path=/mnt/vault/6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1b12/nightly-20270327T010000Z/vda.qcow2
  image vdb path=/mnt/vault/6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1b12/nightly-20270327T010000Z/vdb.qcow2
  keep_checkpoints nightly-20270327T010000Z
slot 2027-03-28T01:00:00Z full
  image vda path=/mnt/vault/6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1b12/nightly-20270328T010000Z/vda.qcow2
  image vdb path=/mnt/vault/6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1b12/nightly-20270328T010000Z/vdb.qcow2
  keep_checkpoints nightly-20270328T010000Z
slot 2027-03-29T00:00:00Z incremental base=nightly-20270328T010000Z
  image vda path=/mnt/vault/6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1b12/nightly-20270329T000000Z/vda.qcow2
  image vdb path=/mnt/vault/6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1b12/nightly-20270329T000000Z/vdb.qcow2
  keep_checkpoints nightly-20270329T000000Z
end_of_runs 3
