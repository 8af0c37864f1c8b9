# Metrics: a file for the textfile collector of Prometheus' node_exporter, which says how the newest run went and what the
# repository holds. The collector asks that a metric has one HELP and TYPE in all files, so none tells of a name.

METRICS=""

# metrics DIRECTORY
metrics() { METRICS=$1; }

# A policy's name holds no @, so that no two domains share a file.
metrics_file() { printf '%s/tidemark-%s@%s.prom' "$METRICS" "${PLAN[policy]}" "${DOMAIN[folder]##*/}"; }

# write_metrics EXIT-STATUS: the whole file or nothing; a run without it is none the worse
write_metrics() {
  [[ $METRICS ]] || return 0
  local file text part=""
  file=$(metrics_file)
  if [[ ${RUN[dry]} ]]; then
    printf '  (metrics: %s)\n' "$file"
    return 0
  fi
  # The collector is another user, and mktemp's files are their owner's alone.
  if text=$(metrics_text "$1" "$file") && part=$(mktemp -- "$METRICS/.tidemark.XXXXXXXX") &&
    printf '%s\n' "$text" >"$part" && chmod 644 -- "$part" && mv -fT -- "$part" "$file"; then
    return 0
  fi
  [[ ! $part ]] || rm -f -- "$part" || true
  warning "the metrics could not be written to $file"
}

# metrics_text EXIT-STATUS FORMER-FILE
metrics_text() {
  local newest
  newest=$(newest_point)
  gauge tidemark_last_run_timestamp_seconds "When the newest run ended." "$(date +%s)"
  gauge tidemark_last_run_exit_status "Exit status of the newest run; 0 as well where a domain was skipped as it does not run." "$1"
  gauge tidemark_last_run_duration_seconds "How long the newest run took." "$SECONDS"
  gauge tidemark_last_success_timestamp_seconds "When the newest restore point was complete; 0: there was none yet." "$(last_success "$newest" "$2")"
  disk_gauge tidemark_last_success_size_bytes "Size of the image that the newest restore point has of a disk." "$newest" size_of
  disk_gauge tidemark_chain_length "How many images are read to restore a disk to the newest restore point." "$newest" chain_length
  gauge tidemark_restore_points "How many restore points there are." "$(count_points)"
  gauge tidemark_plan_end_timestamp_seconds "When the plan ends; nothing is backed up after that." "$(date -d "${PLAN[until]}" +%s)"
}

# gauge NAME HELP VALUE
gauge() {
  gauge_head "$1" "$2"
  printf '%s{%s} %s\n' "$1" "$(labels)" "$3"
}

# disk_gauge NAME HELP POINT FUNCTION: of each disk what the function says of it
disk_gauge() {
  local target
  gauge_head "$1" "$2"
  [[ $3 ]] || return 0
  while IFS= read -r target; do
    printf '%s{%s,disk="%s"} %s\n' "$1" "$(labels)" "$target" "$("$4" "$3" "$target")"
  done < <(disk_targets "${DOMAIN[folder]}/$3/manifest.json")
}

gauge_head() { printf '# HELP %s %s\n# TYPE %s gauge\n' "$1" "$2" "$1"; }

# A label's value is escaped as a JSON string is.
labels() { printf 'policy=%s,domain=%s' "$(json "${PLAN[policy]}")" "$(json "${DOMAIN[name]}")"; }

# last_success POINT FORMER-FILE: seconds since 1970; where the repository has no manifest now, as it was told before
last_success() {
  local time=""
  [[ ! $1 ]] || time=$(sed -n 's/^  "finished": "\([0-9-]\{10\}T[0-9:]\{8\}Z\)",$/\1/p' "${DOMAIN[folder]}/$1/manifest.json" | sed -n 1p)
  [[ ! $time ]] || time=$(date -d "$time" +%s 2>/dev/null) || time=""
  [[ $time || ! -f $2 ]] || time=$(sed -n 's/^tidemark_last_success_timestamp_seconds{.*} \([0-9]\{1,18\}\)$/\1/p' "$2" | sed -n 1p)
  printf '%s' "${time:-0}"
}

size_of() {
  local size
  size=$(disk_field "$1" "$2" size)
  printf '%s' "${size:-0}"
}

# chain_length POINT TARGET: ends as well where manifests name each other in a circle
chain_length() {
  local point=$1 seen=" "
  local -i length=0
  while [[ $point && $seen != *" $point "* ]]; do
    seen+="$point "
    length+=1
    point=$(disk_field "$point" "$2" base)
  done
  printf '%d' "$length"
}

count_points() {
  local name
  local -i count=0
  while IFS= read -r name; do
    own_name "$name" && count+=1
  done < <(points)
  printf '%d' "$count"
}
