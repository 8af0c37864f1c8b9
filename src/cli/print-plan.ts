import type { HostPlans } from "../compilation/plans.js";
import { humanBytes, humanDuration, plural } from "../diagnostics/amounts.js";
import { prunedBy } from "../emit/plan-markdown.js";
import { localTime } from "../plan/local-time.js";
import { type Overview, someOf, unknownIn, unprotectedText } from "../plan/overview.js";
import type { DomainPlan, PlanHeader, Run } from "../plan/plan.js";
import { retentionText } from "../plan/retention-text.js";
import { boundsText } from "../plan/schedule-text.js";

/** The head of a plan for a terminal. */
export function printHeader({ header, count, slots }: HostPlans): string {
  const [from, until] = [header.horizon.from, header.horizon.until].map((time) =>
    localTime(time, header.timezone),
  );
  return [
    `Plan "${header.policy.name}"${header.host === undefined ? "" : ` of ${header.host}`}: ${count} ${plural(count, "domain")}, ${slots} slots, ${from} to ${until} (${header.timezone})`,
    `Repository ${header.repository}`,
    ...header.schedule.map((entry) => {
      const bounds = boundsText(entry);
      return `  ${entry.level.padEnd(12)}  ${entry.at.join("; ")}  =  ${entry.onCalendar.join("; ")}${bounds === "" ? "" : `, ${bounds}`}`;
    }),
    ...(header.except === undefined ? [] : [`  ${"blackouts".padEnd(12)}  ${header.except.join("; ")}`]),
    "",
  ].join("\n");
}

/** A domain's runs, one on each line, and what is kept when the horizon ends. */
export function printDomain(domain: DomainPlan, timezone: string): string {
  const disks = domain.disks.map((disk) =>
    disk.leftOut !== undefined
      ? `  ${disk.target}  not backed up: ${disk.leftOut}`
      : `  ${disk.target}  ${disk.format}${disk.noCheckpoint === undefined ? "" : `, a full in each run: ${disk.noCheckpoint}`}`,
  );
  return [
    `${domain.name} (${domain.mode})`,
    ...disks,
    "",
    ...domain.runs.map((run) => line(run, timezone)),
    "",
    ...forecastLine(domain),
    `  kept at the end: ${domain.kept.length} ${plural(domain.kept.length, "restore point")}`,
    "",
  ].join("\n");
}

/** The summary, for readers who read only the end. */
export function printOverview({ retention }: PlanHeader, overview: Overview): string {
  const { all, domains, disks, next, unprotected } = overview;
  const row = (title: string, text: string) => `  ${title.padEnd(14)} ${text}`;
  return [
    "Summary",
    row(
      "protected",
      `${domains.length} ${plural(domains.length, "domain")}, ${disks} ${plural(disks, "disk")}`,
    ),
    row(
      "how often",
      `${all.runs} ${plural(all.runs, "run")}${all.longestGap === undefined ? "" : `; those of a domain are at most ${humanDuration(all.longestGap)} apart`}`,
    ),
    row(
      "kept",
      `${retentionText(retention)}: ${all.kept} ${plural(all.kept, "restore point")} at the end${all.longestKeptGap === undefined ? "" : `, those of a domain at most ${humanDuration(all.longestKeptGap)} apart`}`,
    ),
    row(
      "restoring",
      `reads at most ${all.imagesToRestore} ${plural(all.imagesToRestore, "image")} for each disk`,
    ),
    ...(all.forecast === undefined
      ? []
      : [
          row(
            "expected",
            `${all.forecast.partial ? "at least " : ""}${humanBytes(all.forecast.copied)} copied; ${humanBytes(all.forecast.repositoryAtEnd)} in the repository at the end, ${humanBytes(all.forecast.repositoryPeak)} at most`,
          ),
        ]),
    ...(unprotected.length === 0
      ? [row("not protected", unprotectedText(unprotected))]
      : unprotected.map(({ target, part, domains: names, why }, index) =>
          row(
            index === 0 ? "not protected" : "",
            `${target === undefined && part === undefined ? "" : `${target ?? part} of `}${someOf(names)}: ${why}`,
          ),
        )),
    ...next.map(({ localTime, levels }, index) =>
      row(
        index === 0 ? "next runs" : "",
        `${localTime}  ${Object.entries(levels)
          .map(([level, count]) => `${count} ${level}`)
          .join(", ")}`,
      ),
    ),
    "",
  ].join("\n");
}

function forecastLine({ figures: { forecast } }: DomainPlan): string[] {
  if (forecast === undefined) return [];
  const { copied, copiedByLargestRun, longestRun, scratch, repositoryAtEnd, repositoryPeak, assumptions } =
    forecast;
  const unknown = unknownIn(assumptions);
  return [
    `  expected: ${humanBytes(copied)} copied, at most ${humanBytes(copiedByLargestRun)} by one run; ${longestRun === undefined ? "" : `the longest run takes about ${humanDuration(longestRun)}; `}${humanBytes(repositoryAtEnd)} in the repository at the end, ${humanBytes(repositoryPeak)} at most`,
    ...(scratch === undefined
      ? []
      : [
          `  scratch files of a run: about ${humanBytes(scratch.evenly)} if the guest writes evenly, ${humanBytes(scratch.atOnce)} if it writes a day's changes while the run copies`,
        ]),
    ...(unknown.length > 0 ? [`  and what is not known: ${unknown.join(", ")}`] : []),
  ];
}

function line(run: Run, timezone: string): string {
  const bases = [...new Set(run.disks.flatMap((disk) => disk.base ?? []))];
  const differing = run.disks
    .filter((disk) => disk.level !== run.level)
    .map((disk) => `${disk.target} ${disk.level}`);
  const pruned = prunedBy(run);
  return [
    `  ${run.localTime}`,
    run.start === undefined ? "" : `starts ${localTime(run.start, timezone)}`,
    run.level.padEnd(12),
    bases.length > 0 ? `since ${bases.join(", ")}` : "",
    differing.length > 0 ? `(${differing.join(", ")})` : "",
    pruned.length > 0 ? `then deletes ${pruned.length}` : "",
  ]
    .filter((part) => part !== "")
    .join("  ")
    .trimEnd();
}
