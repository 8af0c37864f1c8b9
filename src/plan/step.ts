import type { Step } from "./plan.js";

/** What a step needs, what it does, how it is known to be done, and how it is undone. */
export interface StepContract {
  readonly before: string;
  readonly does: string;
  readonly done: string;
  readonly undo: string;
}

export const STEPS: Readonly<Record<Step["do"], StepContract>> = {
  "check-host": {
    before: "no earlier run is left to be undone or completed",
    does: "compares the domain, its disks, the base checkpoints and the free space with what the plan assumes",
    done: "every assumption holds, or the policy says what to do about the one that does not",
    undo: "nothing to undo",
  },
  "create-images": {
    before: "no file exists at the path of an image",
    does: "creates each image with its final backing file, so that it never builds on the live disk",
    done: "every image exists with the disk's virtual size",
    undo: "the images are removed",
  },
  freeze: {
    before: "the guest agent answers",
    does: "freezes the guest's file systems",
    done: "virsh domfsfreeze succeeded",
    undo: "the file systems are thawed, whatever happens",
  },
  begin: {
    before: "no other job runs on the domain; each base checkpoint is there",
    does: "begins the backup and makes the checkpoint in one QEMU transaction, then copies the NVRAM and the state of the TPM",
    done: "virsh backup-begin succeeded",
    undo: "the job is aborted, and the new checkpoint and the copies are deleted",
  },
  thaw: {
    before: "the backup has begun, so its point in time is fixed",
    does: "thaws the guest's file systems",
    done: "virsh domfsthaw succeeded",
    undo: "nothing to undo",
  },
  wait: {
    before: "the push job runs",
    does: "waits until QEMU has written every image",
    done: "virsh domjobinfo --completed says Completed",
    undo: "the job is aborted",
  },
  copy: {
    before: "the NBD server listens",
    does: "copies each disk, or its dirty extents, from the NBD server, then ends the job",
    done: "every image is written and the job has ended",
    undo: "the job is aborted, which removes scratch files and socket",
  },
  compress: {
    before: "the job has ended well",
    does: "copies each image part by part into a compressed one, and gives the space of each part back at once",
    done: "the compressed image has the name of the image, and the same content",
    undo: "both are removed",
  },
  verify: {
    before: "the job has ended well",
    does: "checks each image's structure, backing file and virtual size",
    done: "qemu-img check and qemu-img info agree with the plan",
    undo: "nothing to undo",
  },
  "write-manifest": {
    before: "every image is verified",
    does: "computes the checksums and writes the manifest, as a whole, by rename",
    done: "manifest.json exists; from now on this is a restore point, and its checkpoint may be a base",
    undo: "nothing to undo: the run is complete",
  },
  "retire-checkpoints": {
    before: "the manifest is written",
    does: "deletes this policy's older checkpoints that no coming run reads from",
    done: "virsh checkpoint-list no longer names them",
    undo: "nothing to undo; the next run does what was not finished",
  },
  consolidate: {
    before:
      "the manifest is written, every restore point that made the fold due is present, and the images to be folded match their manifests",
    does: "writes a new image that holds the data of the restore point and of those that are folded into it, compares it with the old image, then renames it over the old one",
    done: "its manifest names the new base, or none, and nothing builds on the restore points that were folded in",
    undo: "until the new manifest is complete, the new images are removed; after that, the next run completes the renaming",
  },
  prune: {
    before: "the manifest is written, and every restore point that made the deletion due is present",
    does: "moves the restore points out of the catalog, newest first, then deletes them",
    done: "their folders are gone",
    undo: "nothing to undo; the next run does what was not finished",
  },
};
