# The runs of web, in order of time; lib/table.bash says what the words mean. Read by run.sh and run-due.sh, never run.
slot 2026-12-02T02:00:00Z full
  image vda bitmap=no
  image vdb bitmap=no
end_of_runs 1
