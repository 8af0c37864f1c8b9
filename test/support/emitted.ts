import { domainFiles } from "../../src/emit/domain-files.js";
import { PlanWriter } from "../../src/emit/write-plan.js";
import { PLAN_JSON, PLAN_MD, TIMELINE_SVG } from "../../src/plan/files.js";
import type { Plan } from "../../src/plan/plan.js";

/** For reading only: what they say of a plan is more than a host ever reads. */
const FOR_READERS = new Set([PLAN_JSON, PLAN_MD, TIMELINE_SVG]);

/** The files of a plan that libvirt or a host reads, by path: documents, tables, scripts, units. */
export async function emitted({ domains, ...header }: Plan): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  const keep = ({ path, text }: { path: string; text: string }) => {
    if (!FOR_READERS.has(path)) files.set(path, text);
  };
  const writer = new PlanWriter(
    { add: keep, open: () => ({ write: () => {}, close: () => {} }) },
    {
      write: (host, domain) => {
        for (const file of domainFiles(host, domain)) keep(file);
      },
      close: () => ({ staged: 0, unchanged: 0 }),
      stop: () => {},
    },
    header,
  );
  for (const domain of domains) await writer.add(domain);
  writer.close([]);
  return files;
}
