# Marks show whether the folder at the repository's path is the one that the runs of this host have written to. If the file system of the
# repository is not mounted, the path leads to an empty folder. A run would take fulls into it, and they would be hidden once the file
# system is mounted. The repository and each domain's folder, which may be a link to another disk, have a mark in .tidemark/mark. The
# host keeps a copy of each mark.
# Calls: files (rename_new), messages (refuse warning), ownership (give make_folder)
# Reads: DOMAIN
# Sets: nothing

# marks_folder: prints the folder of the copies, which a restart of the host does not empty; a unit has its own one by StateDirectory=
marks_folder() {
  if [[ ${STATE_DIRECTORY:-} == /* ]]; then
    printf '%s' "${STATE_DIRECTORY%%:*}"
  elif ((EUID == 0)); then
    printf /var/lib/tidemark/.marks
  else
    printf '%s/tidemark/marks' "${XDG_STATE_HOME:-${HOME:?}/.local/state}"
  fi
}

# mark_copy FOLDER: prints the file in which this host keeps the copy of the folder's mark
mark_copy() {
  local sum
  sum=$(printf '%s' "$1" | sha256sum)
  printf '%s/%s.mark' "$(marks_folder)" "${sum:0:32}"
}

# read_mark FILE: prints the mark, a UUID; nothing if it cannot be read
read_mark() {
  local mark=""
  { IFS= read -r mark <"$1"; } 2>/dev/null || true
  [[ ! $mark =~ ^[0-9a-f-]{36}$ ]] || printf '%s' "$mark"
}

# strange_folder FOLDER…: prints a message about the first folder that the runs of this host have not written to; status 1 if there is none
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

# keep_marks: copies the marks of the folders in which a restore point has been sealed
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

# make_mark FOLDER: makes a mark and prints it; if another run was faster, prints the mark of that run
make_mark() {
  local file=$1/.tidemark/mark part=$1/.tidemark/mark.$$
  make_folder "$1/.tidemark" && [[ ! -L $1/.tidemark ]] && cat /proc/sys/kernel/random/uuid >"$part" && sync "$part" && give "$part" || return 1
  rename_new "$part" "$file" || rm -f -- "$part"
  read_mark "$file" | grep .
}

loaded marks
