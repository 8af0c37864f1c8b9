import { prunedBy } from "../emit/plan-markdown.js";
import { humanBytes } from "../plan/amounts.js";
import type { DomainPlan, Run } from "../plan/plan.js";
import type { Prepared } from "../planner/compile.js";

/** The plan as a terminal shows it: its span and shape. */
export function printHeader({ header, policy, domains, slots }: Prepared): string {
  const { from, until } = header.horizon;
  return [
    `Plan "${policy.name}": ${domains.length} ${domains.length === 1 ? "domain" : "domains"}, ${slots.length} slots, ${from} to ${until} (${policy.timezone})`,
    `Repository ${policy.repository}`,
    ...header.schedule.map(
      ({ level, at, onCalendar }) => `  ${level.padEnd(12)}  ${at.join("; ")}  =  ${onCalendar.join("; ")}`,
    ),
    "",
  ].join("\n");
}

/** A domain's runs, one a line, and what is left when the horizon ends. */
export function printDomain(domain: DomainPlan): string {
  const disks = domain.disks.map((disk) =>
    disk.leftOut !== undefined
      ? `  ${disk.target}  not backed up: ${disk.leftOut}`
      : `  ${disk.target}  ${disk.format}${disk.noCheckpoint === undefined ? "" : `, a full each time: ${disk.noCheckpoint}`}`,
  );
  return [
    `${domain.name} (${domain.mode})`,
    ...disks,
    "",
    ...domain.runs.map(line),
    "",
    ...forecastLine(domain),
    `  kept at the end: ${domain.kept.length} ${domain.kept.length === 1 ? "restore point" : "restore points"}`,
    "",
  ].join("\n");
}

function forecastLine({ figures: { forecast } }: DomainPlan): string[] {
  if (forecast === undefined) return [];
  const { copied, copiedByLargestRun, repositoryAtEnd, repositoryPeak } = forecast;
  return [
    `  expected: ${humanBytes(copied)} copied, at most ${humanBytes(copiedByLargestRun)} by one run; ${humanBytes(repositoryAtEnd)} in the repository at the end, ${humanBytes(repositoryPeak)} at most`,
  ];
}

function line(run: Run): string {
  const bases = [...new Set(run.disks.flatMap((disk) => disk.base ?? []))];
  const differing = run.disks
    .filter((disk) => disk.level !== run.level)
    .map((disk) => `${disk.target} ${disk.level}`);
  const pruned = prunedBy(run);
  return [
    `  ${run.localTime}`,
    run.start === undefined ? "" : `starts ${run.start}`,
    run.level.padEnd(12),
    bases.length > 0 ? `since ${bases.join(", ")}` : "",
    differing.length > 0 ? `(${differing.join(", ")})` : "",
    pruned.length > 0 ? `then deletes ${pruned.length}` : "",
  ]
    .filter((part) => part !== "")
    .join("  ")
    .trimEnd();
}
