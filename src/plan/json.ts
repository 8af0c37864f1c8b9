import type { DomainPlan, Plan, PlanHeader, Run } from "./plan.js";

/** Opens `plan.json`; domains follow, separated by commas, then `planJsonEnd`. */
export function planJsonStart(header: PlanHeader): string {
  return `${JSON.stringify(header, null, 2).slice(0, -2)},\n  "domains": [`;
}

export const planJsonEnd = "\n  ]\n}\n";

/**
 * A domain in `plan.json`. Each disk and each list of steps has its own line, so that a change of a run changes few
 * lines, and no line has two decisions.
 */
export function domainJson(domain: DomainPlan, first: boolean): string {
  const { runs, kept, disks, found, ...facts } = domain;
  const open = JSON.stringify(facts, null, 2).slice(0, -2).replaceAll("\n", "\n    ");
  return [
    `${first ? "" : ","}\n    ${open},`,
    `      "disks": ${list(disks.map((disk) => JSON.stringify(disk)))},`,
    `      "found": ${list(found.map((point) => JSON.stringify(point)))},`,
    `      "runs": ${list(runs.map(runJson))},`,
    `      "kept": ${list(kept.map((point) => JSON.stringify(point)))}`,
    "    }",
  ].join("\n");
}

function list(items: readonly string[]): string {
  return items.length === 0 ? "[]" : `[\n        ${items.join(",\n        ")}\n      ]`;
}

function runJson({ disks, steps, ...facts }: Run): string {
  const pad = "\n          ";
  return [
    JSON.stringify(facts).slice(0, -1),
    `,${pad}"disks": [`,
    disks.map((disk) => pad + JSON.stringify(disk)).join(","),
    `],${pad}"steps": [`,
    steps.map((step) => JSON.stringify(step)).join(","),
    "]}",
  ].join("");
}

/** A whole plan as the text of `plan.json`. */
export function planJson({ domains, ...header }: Plan): string {
  return (
    planJsonStart(header) +
    domains.map((domain, index) => domainJson(domain, index === 0)).join("") +
    planJsonEnd
  );
}
