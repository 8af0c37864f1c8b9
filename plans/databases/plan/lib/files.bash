# Files in folders that others may write to: a name that can be foreseen may be there already, as a link to a file that nobody
# meant to be written.
# Calls: host (v), journal (state_folder), messages (refuse), ownership (make_folder)
# Reads: DOMAIN, POINT
# Sets: nothing

# claim PATH: makes an empty file; status 1 if the name is taken, by a link that leads nowhere as well
claim() {
  [[ ! -e $1 && ! -L $1 ]] && (set -C && : >"$1") 2>/dev/null
}

# claim_anew PATH: the same in the place of what an earlier run has left, a link among it
claim_anew() { rm -f -- "$1" && claim "$1"; }

# put_in_place FILE PATH: gives a finished file its name; status 1 if that is taken. A hard link is made whole or not at all, and
# where a file system has none, mv asks first.
put_in_place() {
  if ln -T -- "$1" "$2" 2>/dev/null; then
    rm -f -- "$1"
  elif [[ -e $2 || -L $2 ]]; then
    return 1
  else
    mv -nT -- "$1" "$2" && [[ ! -e $1 ]]
  fi
}

# refuse_linked_state: the files in .tidemark are appended to and read again under names that everybody knows
refuse_linked_state() {
  local path
  local -a links=()
  for path in "$(state_folder)" "$(state_folder)"/*; do
    [[ ! -L $path ]] || links+=("$path is a link, and no run keeps its state behind one: find out who made it, and remove it")
  done
  ((${#links[@]} == 0)) || refuse "${links[@]}"
}

# make_point_folder: the new restore point's, which is to be a folder of its own
make_point_folder() {
  local folder=${DOMAIN[folder]}/${POINT[name]}
  make_folder "$folder" && [[ ! -L $folder ]] || refuse "$folder is not a folder of the repository: find out who made it, and remove it"
  claim_anew "$folder/domain.xml" || refuse "$folder/domain.xml is in the way"
  v dumpxml --inactive >"$folder/domain.xml"
}

loaded files
