import { asked, type Decisions, notShown, shown, within } from "./decisions.js";
import { changes, type SettingChange } from "./difference.js";
import type { DomainPlan, Figures, Forecast } from "./plan.js";

/** Name and value of a figure. */
type Figure = readonly [string, number | undefined];
type FigureOf = (domain: DomainPlan | undefined) => readonly Figure[];

const FIGURES: Decisions<Figures, FigureOf> = {
  imagesToRestore: figure("images to restore one", (domain) => domain?.figures.imagesToRestore),
  checkpointsPerDisk: figure("checkpoints on a disk", (domain) => domain?.figures.checkpointsPerDisk),
  forecast: within((domain) => asked<FigureOf>(FORECAST, "direct").flatMap((of) => of(domain))),
};

const FORECAST: Decisions<Forecast, FigureOf> = {
  repositoryAtEnd: figure("repository at the end", (domain) => domain?.figures.forecast?.repositoryAtEnd),
  repositoryPeak: figure("repository at its peak", (domain) => domain?.figures.forecast?.repositoryPeak),
  longestRun: figure("longest run", (domain) => domain?.figures.forecast?.longestRun),
  scratch: figure("scratch files of a run", (domain) => domain?.figures.forecast?.scratch?.evenly),
  copied: figure("copied in a week", (domain) => domain && perWeek(domain)),
  copiedByLargestRun: notShown("the sums show what a change costs"),
  assumptions: notShown("the sums are made of them"),
};

function figure(name: string, value: (domain: DomainPlan | undefined) => number | undefined) {
  return shown<FigureOf>((domain) => [[name, value(domain)]]);
}

/** Protection and cost before and after, those that differ: restore points, images, checkpoints, and bytes. */
export function figuresOf(was: DomainPlan | undefined, is: DomainPlan): SettingChange[] {
  const figures = (domain: DomainPlan | undefined): readonly Figure[] => [
    ["restore points at the end", domain?.kept.length],
    ...asked<FigureOf>(FIGURES, "direct").flatMap((of) => of(domain)),
  ];
  const old = new Map(figures(was));
  return changes(figures(is).map(([name, value]) => [name, old.get(name), value]));
}

function perWeek({ runs, figures }: DomainPlan): number | undefined {
  const [first, last] = [runs[0], runs.at(-1)];
  if (figures.forecast === undefined || first === undefined || last === undefined) return undefined;
  const seconds = (Date.parse(last.slot) - Date.parse(first.slot)) / 1000;
  return seconds === 0
    ? undefined
    : Math.round((figures.forecast.copied / runs.length) * (runs.length - 1) * (604_800 / seconds));
}
