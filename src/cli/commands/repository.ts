import { type Command, Option } from "commander";
import { explained } from "../help.js";
import { type Action, format } from "./options.js";

/** Commands about the restore points in a repository. */
export function repositoryCommands(program: Command, action: Action): void {
  explained(
    program
      .command("verify")
      .description("check a repository: manifests, checksums, images and chains")
      .argument("<repository>", "the policy's repository, or the folder of one domain in it")
      .option("--domain <name>", "only this domain")
      .option("--quick", "do not compare checksums; read only what qemu-img check reads")
      .option("--no-record", "do not record the result in the repository, where tidemark status reads it")
      .addOption(format()),
    {
      exit: "0 every restore point can be restored; 1 error, or a file is damaged or missing",
      examples: [
        "tidemark verify /var/backup/libvirt",
        "tidemark verify /var/backup/libvirt --domain web-1 --quick \\\n  --format json",
      ],
    },
  ).action(action(async () => (await import("../verify.js")).verifyCommand));

  explained(
    program
      .command("restore")
      .description("restore from a repository alone, when the plan directory is lost")
      .argument("<repository>", "the policy's repository, or the folder of one domain in it")
      .option("--domain <name>", "the domain; needed if the repository has more than one")
      .option(
        "--at <time>",
        "the newest restore point at or before this time (UTC unless it has an offset; a day means its end), or the name of a restore point; default: the newest",
      )
      .option("--list", "list the restore points")
      .addOption(
        new Option("--format <format>", "format of the list and of diagnostics")
          .choices(["text", "json"])
          .default("text"),
      )
      .option("--to <dir>", "folder for the images; no file is overwritten", ".")
      .option("--disk <target...>", "only these disks")
      .addOption(
        new Option("--image-format <format>", "format of the images")
          .choices(["qcow2", "raw"])
          .default("qcow2"),
      )
      .option(
        "--device <disk=device...>",
        "write these disks to block devices, or to volumes that are ones (vda=/dev/vg0/web-1, vda=POOL/VOLUME); what is on them is lost",
      )
      .option(
        "--define <name>",
        "define a new domain of this name with the restored images, from the saved XML, with its NVRAM and the state of its TPM",
      )
      .option(
        "--same-identity",
        "define the domain itself, with its name, UUID and MAC addresses, on a host that has lost it or never had it",
      )
      .option(
        "--replace",
        "let the domain itself go back: it is stopped, its disks, NVRAM and TPM are replaced, and it is started again if it ran; its own files are kept beside",
      )
      .option(
        "--aside <folder>",
        'with --replace: make an image of what each block device holds in this folder first; "none" gives that up',
      )
      .option("--yes", "with --replace: do not ask")
      .option(
        "--stop-within <seconds>",
        "with --replace: switch the guest off if it has not shut down by then (60)",
      )
      .option(
        "--instant",
        "with --define or --same-identity: start the domain at once, on images that build on those of the repository, and copy the data while it runs",
      )
      .option("--cancel", "with --instant: give it up; what the guest has written since then is lost")
      .option(
        "--mount <folder>",
        "write no images: mount the file systems of the disks in this folder, read-only, to copy files from (as root)",
      )
      .option("--unmount <folder>", "take down what --mount has made there")
      .option(
        "--keep <element...>",
        "with --define or --same-identity: keep these elements of the saved XML (hostdev, serial, ...); the output names each element that is left out, with the word that keeps it",
      )
      .option("-c, --connect <uri>", "libvirt connection")
      .option("--check-only", "check manifests, checksums and chains, and write nothing")
      .option("-n, --dry-run", "print the qemu-img commands, and run none"),
    {
      notes: ["The command needs bash and qemu-img."],
      exit: "0 restored, or with --list, --check-only, --dry-run: it can be restored; 1 refused or failed, no existing file was changed",
      examples: [
        "tidemark restore /var/backup/libvirt --list",
        "tidemark restore /var/backup/libvirt --domain web-1 \\\n  --at 2026-12-07 --to /srv/restored",
      ],
    },
  ).action(action(async () => (await import("../restore.js")).restoreCommand));

  explained(
    program
      .command("redefine")
      .description("restore checkpoints that libvirt has lost, if their bitmaps are still in the images")
      .argument("<repository>", "the policy's repository, or the folder of one domain in it")
      .requiredOption("--domain-xml <file>", "the domain's current XML (virsh dumpxml)")
      .option("--domain <name>", "the domain in the repository, if its name or UUID has changed")
      .option(
        "--checkpoints <dir>",
        "folder of the checkpoints that libvirt still has (virsh checkpoint-dumpxml)",
      )
      .option("-o, --out <dir>", "a new folder for the documents and the script", "redefine")
      .addOption(format()),
    {
      notes: [
        "The command writes a document for each checkpoint, and redefine.sh. The script looks for each bitmap and defines the checkpoints whose bitmaps are whole, parents first. The command itself changes nothing on the host.",
      ],
      exit: "0 written; 1 error, or there is no checkpoint to define",
      examples: [
        "tidemark redefine /var/backup/libvirt \\\n  --domain-xml inventory/domains/web-1.xml",
        "tidemark redefine /var/backup/libvirt/web-1 \\\n  --domain-xml inventory/domains/web-1.xml -o back &&\n  back/redefine.sh --dry-run",
      ],
    },
  ).action(action(async () => (await import("../redefine.js")).redefineCommand));
}
