import type { Rule } from "../rule.js";
import { listed, targetOf } from "./selected.js";

export const diskTwiceRule: Rule = {
  code: "TM411",
  page: `A document may list each disk at most once. In a checkpoint, the target and the path of the source name the same disk.`,
  source:
    "backup_conf.c:virDomainBackupAlignDisks; checkpoint_conf.c:virDomainCheckpointAlignDisks (“specified twice”)",
  *breaches(call) {
    const seen = new Set<string>();
    for (const one of listed(call)) {
      const key = `${one.in} ${targetOf(call, one) ?? one.name}`;
      if (seen.has(key)) {
        yield {
          message: `the ${one.in} names the disk "${one.name}" twice`,
          hint: "remove one of the two",
          in: one.in,
          disk: one.name,
        };
      }
      seen.add(key);
    }
  },
};
