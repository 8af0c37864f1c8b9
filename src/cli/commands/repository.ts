import { type Command, Option } from "commander";
import { explained } from "../help.js";
import { type Action, format } from "./options.js";

/** What runs have left in the repository, and how to come back to it. */
export function repositoryCommands(program: Command, action: Action): void {
  explained(
    program
      .command("verify")
      .description("check a repository: manifests, checksums, images and chains")
      .argument("<repository>", "the policy's repository, or one domain's folder in it")
      .option("--domain <name>", "only this domain")
      .option("--quick", "compare no checksums: read only what qemu-img check reads")
      .addOption(format()),
    {
      exit: "0 every restore point can be restored; 1 error, or something is damaged or missing",
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
      .argument("<repository>", "the policy's repository, or one domain's folder in it")
      .option("--domain <name>", "the domain; may be left out if there is one only")
      .option(
        "--at <time>",
        "newest restore point at or before this time (UTC unless it has an offset; a day means its end), or a restore point's name; default: the newest",
      )
      .option("--list", "list the restore points")
      .addOption(
        new Option("--format <format>", "form of the list and of findings")
          .choices(["text", "json"])
          .default("text"),
      )
      .option("--to <dir>", "where the images go; nothing that exists is written to", ".")
      .option("--disk <target...>", "only these disks")
      .addOption(
        new Option("--image-format <format>", "format of the images")
          .choices(["qcow2", "raw"])
          .default("qcow2"),
      )
      .option("--define <name>", "define a new domain of this name on them, from the saved XML")
      .option(
        "--keep <element...>",
        "with --define: keep what the saved XML has of these elements (hostdev, serial, ...); what is left out is named with the word that keeps it",
      )
      .option("-c, --connect <uri>", "libvirt connection, for --define")
      .option("--check-only", "check manifests, checksums and chains, write nothing")
      .option("-n, --dry-run", "print the qemu-img commands, run none"),
    {
      notes: ["Needs bash and qemu-img."],
      exit: "0 restored, or with --list, --check-only, --dry-run: it can be; 1 refused or failed, and nothing that existed was touched",
      examples: [
        "tidemark restore /var/backup/libvirt --list",
        "tidemark restore /var/backup/libvirt --domain web-1 \\\n  --at 2026-12-07 --to /srv/restored",
      ],
    },
  ).action(action(async () => (await import("../restore.js")).restoreCommand));

  explained(
    program
      .command("redefine")
      .description("bring back checkpoints that libvirt has lost and whose bitmaps are still in the images")
      .argument("<repository>", "the policy's repository, or one domain's folder in it")
      .requiredOption("--domain-xml <file>", "the domain as it is now (virsh dumpxml)")
      .option("--domain <name>", "the domain in the repository, where it goes by another name or UUID")
      .option("--checkpoints <dir>", "checkpoints that libvirt still has (virsh checkpoint-dumpxml)")
      .option("-o, --out <dir>", "a new folder for the documents and the script", "redefine")
      .addOption(format()),
    {
      notes: [
        "Writes a document a checkpoint and redefine.sh, which looks for each bitmap and defines what is whole, parents first. Changes nothing itself.",
      ],
      exit: "0 written; 1 error, or there is nothing to bring back",
      examples: [
        "tidemark redefine /var/backup/libvirt \\\n  --domain-xml inventory/domains/web-1.xml",
        "tidemark redefine /var/backup/libvirt/web-1 \\\n  --domain-xml inventory/domains/web-1.xml -o back &&\n  back/redefine.sh --dry-run",
      ],
    },
  ).action(action(async () => (await import("../redefine.js")).redefineCommand));
}
