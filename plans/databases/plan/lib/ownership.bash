# Modes, owner and group of the files that a run writes, by `permissions` of the policy. On most hosts QEMU, which writes the images,
# runs as another user, who must be able to pass through the folders.
# Calls: messages (die refuse)
# Reads: DISKS, DOMAIN, EVIDENCE, IMAGE, IMAGE_TYPE, SCRATCH, SERVER, SETTING
# Sets: nothing

# take_umask: lets all files and folders that the run makes have the modes of the policy
take_umask() { umask "$(printf '%04o' $((0777 & ~8#${SETTING[folder-mode]})))"; }

# make_folder FOLDER: makes a folder with its parents; QEMU may pass through each new one
make_folder() {
  local folder=$1
  local -a missing=()
  while [[ ! -d $folder ]]; do
    missing=("$folder" "${missing[@]}")
    folder=${folder%/*} folder=${folder:-/}
  done
  mkdir -p -- "$1"
  for folder in "${missing[@]}"; do
    give "$folder"
    open_to_qemu "$folder"
  done
}

# existing_parent FOLDER: prints the folder, or the nearest one above it that exists
existing_parent() {
  local folder=$1
  while [[ ! -d $folder ]]; do folder=${folder%/*} folder=${folder:-/}; done
  printf '%s' "$folder"
}

# open_to_qemu FOLDER: lets the group of the domain's QEMU pass through; where the policy names another group, or that is not
# possible, everybody who knows the name
open_to_qemu() {
  local group=""
  [[ ${SETTING[group]} || ! ${EVIDENCE["process pid"]:-} ]] || group=$(stat -c %g -- "/proc/${EVIDENCE["process pid"]}" 2>/dev/null) || group=""
  [[ $group ]] && chgrp -- "$group" "$1" 2>/dev/null || chmod o+x -- "$1"
}

# check_reach: whether QEMU may go to what it is to write. An image and a scratch file libvirt gives to it, a socket it makes itself;
# the folders are the host's. Those that are missing this run makes, open to QEMU.
check_reach() {
  local target why
  local -a written=() found=()
  find_qemu_user || return 0
  if [[ ${DOMAIN[mode]} == push ]]; then
    for target in "${DISKS[@]}"; do [[ ${IMAGE_TYPE[$target]} != file ]] || written+=("${IMAGE[$target]}"); done
  else
    for target in "${DISKS[@]}"; do [[ -b ${SCRATCH[$target]} ]] || written+=("${SCRATCH[$target]}"); done
    [[ ${SERVER[transport]} != unix ]] || written+=("${SERVER[address]}")
  fi
  for target in "${written[@]}"; do
    ! why=$(closed_to_qemu "${target%/*}" "$([[ $target != "${SERVER[address]}" ]] || echo socket)") || found+=("QEMU's user ${QEMU_USER[name]} cannot write $target: $why")
  done
  ((${#found[@]} == 0)) || refuse "${found[@]}"
}

# make_socket_folder FOLDER: QEMU makes the socket in it
make_socket_folder() {
  [[ ! -d $1 ]] || return 0
  make_folder "$1"
  ! find_qemu_user || chown -- "${QEMU_USER[id]}" "$1" || die "the folder $1 cannot be given to QEMU's user ${QEMU_USER[name]}"
}

# find_qemu_user: of the domain's process; status 1 where it is root, or not on this host
declare -A QEMU_USER=([name]="" [id]="" [groups]="")
find_qemu_user() {
  local key first effective rest groups=""
  [[ -r /proc/${EVIDENCE["process pid"]:-none}/status ]] || return 1
  while read -r key first effective rest; do
    case $key in
      Uid:) QEMU_USER[id]=$effective ;;
      Gid:) groups+=" $effective" ;;
      Groups:) groups+=" $first $effective $rest" ;;
    esac
  done <"/proc/${EVIDENCE["process pid"]}/status"
  QEMU_USER[groups]="$groups "
  [[ ${QEMU_USER[id]} =~ ^[1-9][0-9]*$ ]] || return 1
  QEMU_USER[name]=$(id -nu -- "${QEMU_USER[id]}" 2>/dev/null) || QEMU_USER[name]=${QEMU_USER[id]}
}

# closed_to_qemu FOLDER [socket]: says which folder keeps QEMU out; status 1 if none does
closed_to_qemu() {
  local path mode owner group stat
  local -a parents=() stats=()
  path=$(realpath -- "$(existing_parent "$1")")
  while [[ $path && $path != / ]]; do parents=("$path" "${parents[@]}") path=${path%/*}; done
  mapfile -t stats < <(stat -c '%a %u %g %n' -- / "${parents[@]}")
  for stat in "${stats[@]}"; do
    read -r mode owner group path <<<"$stat"
    qemu_may 1 "$mode" "$owner" "$group" "$path" && continue
    printf 'it may not pass through %s (mode %s): give its group, or everybody, x on that folder' "$path" "$mode"
    return
  done
  # The folder of a socket that is missing is made, and given to QEMU.
  [[ ${2:-} && -d $1 ]] || return 1
  qemu_may 3 "$mode" "$owner" "$group" "$path" && return 1
  printf 'it may not write in %s (mode %s): give that folder to it' "$path" "$mode"
}

# qemu_may BITS MODE OWNER GROUP PATH: by the mode: 1 is to pass, 2 to write. What an access list says in addition is not looked
# into: a folder that has one is taken to let QEMU in.
qemu_may() {
  local -i mode=8#$2 shift=0
  if [[ $3 == "${QEMU_USER[id]}" ]]; then
    shift=6
  elif [[ ${QEMU_USER[groups]} == *" $4 "* ]]; then
    shift=3
  fi
  (((mode >> shift & $1) == $1)) || [[ $(LC_ALL=C ls -ld -- "$5") =~ ^[^\ ]*\+ ]]
}

# give PATH…: sets the owner and the group of the policy
give() {
  [[ ! ${SETTING[owner]}${SETTING[group]} ]] ||
    chown -h -- "${SETTING[owner]}${SETTING[group]:+:${SETTING[group]}}" "$@" ||
    die "the files of the run cannot be given to ${SETTING[owner]}${SETTING[group]:+:${SETTING[group]}}: run as root, or correct permissions in the policy"
}

# give_point FOLDER: sets modes, owner and group of the files of a restore point, before its manifest is written
give_point() {
  local target
  local -a files=("$1"/*)
  for target in "${DISKS[@]}"; do
    [[ ${IMAGE_TYPE[$target]} != file || ! -f ${IMAGE[$target]} || ${IMAGE[$target]} == "$1"/* ]] || files+=("${IMAGE[$target]}")
  done
  give_files "${files[@]}"
}

# give_files FILE…: sets modes, owner and group of files of a restore point
give_files() {
  local file
  for file in "$@"; do
    # libvirt gives an image back to root with the mode that it was made with.
    # NVRAM and the TPM's state hold keys of the guest: only the owner may read them.
    [[ ! -f $file || -L $file || ${file##*/} == @(nvram|tpm)* ]] || chmod -- "${SETTING[file-mode]}" "$file"
  done
  give "$@"
}

loaded ownership
