# The runs of web, in order of time; lib/table.bash says what the words mean. Read by run.sh and run-due.sh, never run.
slot 2027-04-02T15:15:00Z full
  image vda bitmap=no
  image vdb bitmap=no
slot 2027-04-03T15:45:00Z full
  image vda bitmap=no
  image vdb bitmap=no
slot 2027-04-04T15:45:00Z full
  image vda bitmap=no
  image vdb bitmap=no
end_of_runs 3
