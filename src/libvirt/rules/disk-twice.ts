import type { Rule } from "../rule.js";
import { listed, targetOf } from "./selected.js";

export const diskTwiceRule: Rule = {
  code: "TM411",
  page: `Each disk stands at most once in a document. In a checkpoint it is the same disk whether it is named by its target or by
the path of its source.`,
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
