import type { Rule } from "../rule.js";
import { checkpointName } from "../values.js";

/** libvirt saves `<name>.xml` in a folder. With 252 characters that fails, after the bitmap has been made. */
export const MAX_CHECKPOINT_NAME = 200;

export const checkpointNameRule: Rule = {
  code: "TM401",
  page: `The name of a checkpoint consists of letters, digits, \`_\`, \`.\` and \`-\`, and does not begin with a dot. libvirt's schema refuses all
other names, because libvirt uses the name as a file name.

The name must also be short. libvirt saves the checkpoint as \`<name>.xml\`, through a temporary file with a longer name. From 252
characters on this fails, and only after QEMU has made the bitmap: the call ends with an error and leaves an orphan bitmap in the
image. Names of up to ${MAX_CHECKPOINT_NAME} characters are safe on every file system.`,
  source:
    "domaincheckpoint.rng, checkpointName; qemu_checkpoint.c:qemuCheckpointCreateFinalize; length: seen on libvirt 9.0",
  *breaches({ checkpoint }) {
    const name = checkpoint?.given.name;
    if (name === undefined) return;
    if (!checkpointName.allows(name)) {
      yield {
        message: `the checkpoint's name ${JSON.stringify(name)} has characters that libvirt refuses`,
        hint: `use ${checkpointName.what}`,
        in: "checkpoint",
        part: "name",
      };
    } else if (name.length > MAX_CHECKPOINT_NAME) {
      yield {
        message: `the checkpoint's name is ${name.length} characters long; more than ${MAX_CHECKPOINT_NAME} are not safe`,
        hint: "shorten the name",
        in: "checkpoint",
        part: "name",
      };
    }
  },
};
