# Marks: what tells that the folder at the repository's path is the one that this host's runs have written to. Where the file system
# of the repository is not mounted, the path leads to an empty folder: a run would take fulls into it, which nobody sees again once
# the file system is mounted over them. The repository and each domain's folder, which may be a link to another disk, have a mark,
# .tidemark/mark; the host keeps a copy of each.
# Calls: files (put_in_place), messages (refuse warning), ownership (give make_folder)
# Reads: DOMAIN
# Sets: nothing

# marks_folder: of this host, which outlives its restart; a unit's own by StateDirectory=
marks_folder() {
  if [[ ${STATE_DIRECTORY:-} == /* ]]; then
    printf '%s' "${STATE_DIRECTORY%%:*}"
  elif ((EUID == 0)); then
    printf /var/lib/tidemark/.marks
  else
    printf '%s/tidemark/marks' "${XDG_STATE_HOME:-${HOME:?}/.local/state}"
  fi
}

# mark_copy FOLDER: the file in which this host keeps the folder's mark
mark_copy() {
  local sum
  sum=$(printf '%s' "$1" | sha256sum)
  printf '%s/%s.mark' "$(marks_folder)" "${sum:0:32}"
}

# read_mark FILE: a UUID; nothing if there is none that can be read
read_mark() {
  local mark=""
  { IFS= read -r mark <"$1"; } 2>/dev/null || true
  [[ ! $mark =~ ^[0-9a-f-]{36}$ ]] || printf '%s' "$mark"
}

# strange_folder FOLDER…: says why the first of them is not the one that this host's runs have written to; status 1 if all are
strange_folder() {
  local folder copy known
  for folder in "$@"; do
    copy=$(mark_copy "$folder")
    known=$(read_mark "$copy")
    [[ ! $known || $known == "$(read_mark "$folder/.tidemark/mark")" ]] && continue
    printf '%s is not the folder that the runs of this host have written to: mount its file system; if a new repository is to begin there, remove %s' \
      "$folder" "$copy"
    return
  done
  return 1
}

refuse_strange_folders() {
  local why
  ! why=$(strange_folder "${DOMAIN[folder]%/*}" "${DOMAIN[folder]}") || refuse "$why"
}

# keep_marks: of the folders in which a restore point has been sealed
keep_marks() {
  local folder
  for folder in "${DOMAIN[folder]%/*}" "${DOMAIN[folder]}"; do
    keep_mark "$folder" || warning "the mark of $folder could not be kept; that its file system is not mounted would not be noticed"
  done
}

keep_mark() {
  local mark copy
  mark=$(read_mark "$1/.tidemark/mark")
  [[ $mark ]] || mark=$(make_mark "$1") || return 1
  copy=$(mark_copy "$1")
  [[ $(read_mark "$copy") != "$mark" ]] || return 0
  mkdir -p -- "${copy%/*}" && printf '%s\n%s\n' "$mark" "$1" >"$copy.part.$$" && sync "$copy.part.$$" && mv -- "$copy.part.$$" "$copy"
}

# make_mark FOLDER: prints the mark that it has now, which may be that of a run that came first
make_mark() {
  local file=$1/.tidemark/mark part=$1/.tidemark/mark.$$
  make_folder "$1/.tidemark" && [[ ! -L $1/.tidemark ]] && cat /proc/sys/kernel/random/uuid >"$part" && sync "$part" && give "$part" || return 1
  put_in_place "$part" "$file" || rm -f -- "$part"
  read_mark "$file" | grep .
}

loaded marks
