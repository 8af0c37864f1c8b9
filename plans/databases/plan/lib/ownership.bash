# Ownership: modes, owner and group of what a run writes, by the policy's permissions. QEMU, which writes the images, is another user
# than the run on most hosts: it must be able to pass through the folders.
# Calls: messages (die)
# Reads: DISKS, EVIDENCE, IMAGE, IMAGE_TYPE, SETTING
# Sets: nothing

# take_umask: what the run makes from here on has the policy's modes
take_umask() { umask "$(printf '%04o' $((0777 & ~8#${SETTING[folder-mode]})))"; }

# make_folder FOLDER: with those of its parents that are missing; each new one is QEMU's to pass through
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
    [[ ${SETTING[group]} ]] || open_to_qemu "$folder"
  done
}

# open_to_qemu FOLDER: by the group of the domain's QEMU; where that cannot be given or is not known, whoever knows the name may pass
open_to_qemu() {
  local group=""
  [[ ! ${EVIDENCE["process pid"]:-} ]] || group=$(stat -c %g -- "/proc/${EVIDENCE["process pid"]}" 2>/dev/null) || group=""
  [[ $group ]] && chgrp -- "$group" "$1" 2>/dev/null || chmod o+x -- "$1"
}

# give PATH…: to the owner and the group that the policy names
give() {
  [[ ! ${SETTING[owner]}${SETTING[group]} ]] ||
    chown -h -- "${SETTING[owner]}${SETTING[group]:+:${SETTING[group]}}" "$@" ||
    die "what the run writes cannot be given to ${SETTING[owner]}${SETTING[group]:+:${SETTING[group]}}: run as root, or correct permissions in the policy"
}

# give_point FOLDER: the files of a restore point, before its manifest counts
give_point() {
  local file target
  local -a files=()
  for file in "$1"/*; do files+=("$file"); done
  for target in "${DISKS[@]}"; do
    [[ ${IMAGE_TYPE[$target]} != file || ! -f ${IMAGE[$target]} || ${IMAGE[$target]} == "$1"/* ]] || files+=("${IMAGE[$target]}")
  done
  for file in "${files[@]}"; do
    # libvirt gives an image back to root with the mode that it was made with.
    [[ ! -f $file || -L $file ]] || chmod -- "${SETTING[file-mode]}" "$file"
  done
  give "${files[@]}"
}

loaded ownership
