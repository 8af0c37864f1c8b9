import type { Rule } from "../rule.js";

export const redefinableRule: Rule = {
  code: "TM438",
  page: `\`virsh checkpoint-create --redefine\` restores a checkpoint that libvirt has lost. The document needs the name and the creation time.
If it names a parent, libvirt must have that parent, so parents are defined first. If it names none, the checkpoint is a root. If the
document contains a domain, it must have the UUID of the domain for which the checkpoint is defined.

libvirt then believes what the document says about disks and bitmaps. Only \`--redefine-validate\` (libvirt 6.10, running domain) checks
whether the bitmaps exist. Without it libvirt accepts a checkpoint without bitmaps, and the next backup fails.`,
  source:
    "checkpoint_conf.c:virDomainCheckpointDefParse, virDomainCheckpointRedefinePrep; each seen on libvirt 9.0",
  *breaches({ domain, checkpoint, checkpoints, redefine }) {
    if (!redefine || checkpoint === undefined) return;
    const { name, creationTime, parent, domain: within } = checkpoint.given;
    if (name === undefined)
      yield {
        message: "the checkpoint has no name",
        hint: "add the <name> that the checkpoint had",
        in: "checkpoint",
      };
    if (creationTime === undefined) {
      yield {
        message: "the checkpoint has no creation time",
        hint: "add <creationTime>, in seconds since 1970",
        in: "checkpoint",
      };
    }
    if (parent !== undefined && parent === name) {
      yield { message: "the checkpoint is its own parent", hint: "remove <parent>", in: "checkpoint" };
    } else if (parent !== undefined && !checkpoints.some((each) => each.name === parent)) {
      yield {
        message: `the domain "${domain.name}" does not have the checkpoint's parent "${parent}"`,
        hint: "define the parent first, or remove <parent>",
        in: "checkpoint",
      };
    }
    const uuid = within?.children
      .find((child) => child.name === "uuid")
      ?.text.trim()
      .toLowerCase();
    if (uuid !== undefined && uuid !== domain.uuid) {
      yield {
        message: `the checkpoint belongs to the domain ${uuid}, but "${domain.name}" has the UUID ${domain.uuid}`,
        hint: "remove <domain> from the document",
        in: "checkpoint",
      };
    }
  },
};
