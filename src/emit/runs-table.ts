import type { DomainPlan, PlanHeader, Run, RunDisk, Step } from "../plan/plan.js";
import { template } from "../templates/template.js";
import { folderOf } from "./run-script.js";
import { comment, quote } from "./shell.js";

interface RunsView {
  readonly domain: DomainPlan;
  readonly runs: readonly {
    readonly run: Run;
    /** That of its disks which is written once; "" where all are fulls. */
    readonly base: string;
    /** The words of each image's line. */
    readonly images: readonly (readonly string[])[];
    /** What is done once the manifest is written. */
    readonly after: readonly string[];
  }[];
  readonly comment: typeof comment;
}

const runsTemplate = template<RunsView>("runs.bash", quote);

/** The table of a domain's runs, `runs.bash`: what differs between them. */
export function renderRuns(plan: PlanHeader, domain: DomainPlan): string {
  const folder = folderOf(plan, domain);
  return runsTemplate({
    domain,
    runs: domain.runs.map((run) => {
      const base = run.disks.find((disk) => disk.base !== null)?.base ?? "";
      return {
        run,
        base,
        images: run.disks.map((disk) => imageWords(run, disk, base, `${folder}/${run.point}`)),
        after: afterLines(run.steps),
      };
    }),
    comment,
  });
}

/** What is as `image` of lib/table.bash takes it to be is left out. */
function imageWords(run: Run, disk: RunDisk, usualBase: string, folder: string): string[] {
  const { target, level, base, bitmap, format, imageType, image, pull } = disk;
  const field = (name: string, value: string, usual: string) =>
    value === usual ? [] : [`${name}=${quote(value)}`];
  return [
    quote(target),
    ...field("level", level, base === null ? "full" : run.level),
    ...field("base", base ?? "", usualBase),
    ...field("bitmap", bitmap ? "yes" : "no", "yes"),
    ...field("format", format, "qcow2"),
    ...field("type", imageType, "file"),
    ...field("path", image, `${folder}/${target}.${format}`),
    ...(pull === undefined
      ? []
      : [
          ...field("scratch", pull.scratch, ""),
          ...field("scratch_type", pull.scratchType, "file"),
          ...field("export", pull.exportName, target),
          ...field("export_bitmap", pull.exportBitmap ?? `backup-${target}`, `backup-${target}`),
        ]),
  ];
}

function afterLines(steps: readonly Step[]): string[] {
  let because = "";
  const lines: string[] = [];
  const dueTo = (points: readonly string[]) => {
    if (points.join(" ") === because) return;
    because = points.join(" ");
    lines.push(["because", ...points].join(" "));
  };
  for (const step of steps) {
    if (step.do === "retire-checkpoints") lines.push(["keep_checkpoints", ...step.keep].join(" "));
    else if (step.do === "consolidate") {
      dueTo(step.becauseOf);
      lines.push(["fold", step.into, ...step.of].join(" "));
    } else if (step.do === "prune") {
      dueTo(step.becauseOf);
      lines.push(["prune", ...step.points].join(" "));
    }
  }
  return lines;
}
