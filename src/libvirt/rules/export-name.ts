import type { Rule } from "../rule.js";
import { nameOf, selected } from "./selected.js";

/** NBD's longest string (QEMU's block/export, NBD_MAX_STRING_SIZE). */
const MAX_BYTES = 4096;

export const exportNameRule: Rule = {
  code: "TM426",
  page: `In pull mode each disk is served under its own export name: its target, unless \`exportname\` gives another one. Two disks of one backup
cannot have the same name, and a name has at most ${MAX_BYTES} bytes.`,
  source: "seen on QEMU 7.2: “NBD server already has export named”; 4,097 bytes are refused",
  *breaches(call) {
    if (call.backup?.whole.mode !== "pull") return;
    const owners = new Map<string, string>();
    for (const { disk, backup } of selected(call)) {
      const name = backup?.exportname;
      if (name === undefined) continue;
      const other = owners.get(name);
      const problem =
        other !== undefined
          ? `and "${other}" are both served under the name "${name}"`
          : Buffer.byteLength(name) > MAX_BYTES
            ? `is served under a name of ${Buffer.byteLength(name)} bytes; ${MAX_BYTES} are possible`
            : undefined;
      owners.set(name, disk.target);
      if (problem === undefined) continue;
      yield {
        message: `${nameOf(call, disk.target)} ${problem}`,
        hint: "leave out exportname, or give each disk another",
        in: "backup",
        disk: disk.target,
        part: "exportname",
      };
    }
  },
};
