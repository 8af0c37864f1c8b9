import { plural } from "../diagnostics/amounts.js";
import { escapeXml } from "../libvirt/write.js";
import { type Life, livesOf } from "../plan/lives.js";
import { wallClock } from "../plan/local-time.js";
import { type DomainPlan, domainLabel, type PlanHeader } from "../plan/plan.js";
import type { Level } from "../policy/policy.js";
import { template, verbatim } from "../templates/template.js";
import { disksText } from "./disks-text.js";
import { type Axis, axisOf, WIDTH, xOf } from "./timeline-axis.js";

/*
 * Draws each domain as a lane, with a bar for each restore point from its creation to its deletion. A bar begins with a
 * mark for its level, and a line connects it to the bar that it builds on. All marks of one level in a lane are one
 * path, because 90,000 of them have to fit into a file.
 */

/** Height of a lane's head, with the domain's name, in pixels. */
const HEAD = 22;
/** Between lanes. */
const GAP = 14;
/** Height of a row in pixels, if there is enough space. */
const PITCH = 9;
/** If the picture would be higher, rows become thinner. */
const HEIGHT_AIM = 12_000;
/** With more restore points than this, the picture has no text for each of them. */
const TITLED = 4000;
/** The most lanes of `timeline.svg`; an HTML timeline shows all of them. */
export const MAX_LANES = 1000;

const LEVELS: readonly Level[] = ["full", "differential", "incremental"];

/** A restore point as it is drawn; this is far smaller than its texts. */
interface Bar {
  readonly slot: string;
  readonly level: Level;
  readonly row: number;
  /** Rows of the restore points that it builds on. */
  readonly on: readonly number[];
  /** Slot of the run that deletes it; absent if it exists when the horizon ends. */
  readonly end?: string;
  /** Row of the restore point that it is folded into. */
  readonly into?: number;
}

/** A domain's restore points, arranged in rows. */
export interface Lane {
  readonly name: string;
  readonly mode: string;
  readonly kept: number;
  readonly bars: readonly Bar[];
  readonly rows: number;
}

/** Arranges each restore point in the lowest free row. */
export function laneOf(domain: DomainPlan, lives: readonly Life[]): Lane {
  const free: string[] = [];
  const rows = new Map(
    lives.map(({ point, slot, deletion }) => {
      // A run deletes after it has made its restore point, so both exist for a moment.
      let row = free.findIndex((since) => since < slot);
      if (row < 0) row = free.length;
      free[row] = deletion?.slot ?? "9999";
      return [point, row];
    }),
  );
  return {
    name: domainLabel(domain.name, domain.host),
    mode: domain.mode,
    kept: domain.kept.length,
    bars: lives.map(({ point, slot, level, buildsOn, deletion }) => {
      const into = rows.get(deletion?.foldedInto ?? "");
      return {
        slot,
        level,
        row: rows.get(point) ?? 0,
        on: buildsOn.flatMap((base) => rows.get(base) ?? []),
        ...(deletion && { end: deletion.slot }),
        ...(into !== undefined && { into }),
      };
    }),
    rows: free.length,
  };
}

const svgTemplate = template<SvgView>("timeline/timeline.svg", escapeXml);
const laneTemplate = template<LaneView>("timeline/lane.svg", escapeXml);
const axisTemplate = template<Pick<Axis, "ticks" | "right"> & { top: number; height: number }>(
  "timeline/axis.svg",
  escapeXml,
);
const legendTemplate = template<{ x: number; y: number }>("timeline/legend.svg", escapeXml);

interface SvgView {
  readonly plan: PlanHeader;
  /** Of the horizon, as the zone reads it. */
  readonly from: string;
  readonly until: string;
  readonly style: string;
  readonly legend: string;
  readonly axis: string;
  readonly lanes: readonly string[];
  readonly unshown: number;
  readonly width: number;
  readonly height: number;
  readonly top: number;
  readonly left: number;
  readonly planBegins: number;
}

interface LaneView {
  readonly name: string;
  /** The name, cut if it is long. */
  readonly shown: string;
  readonly label: string;
  readonly head: boolean;
  readonly y: number;
  /** Widths of strokes. */
  readonly mark: number;
  readonly bar: number;
  readonly thin: number;
  /** Paths. */
  readonly links: string;
  readonly levels: readonly { readonly level: Level; readonly bars: string; readonly marks: string }[];
  readonly folds: string;
  readonly ends: string;
  readonly open: string;
  readonly older: string;
  readonly titles: readonly { x: number; y: number; width: number; height: number; text: string }[];
}

/** `timeline.svg`: a picture for PLAN.md with a lane for each domain. */
export class SvgTimeline {
  readonly #plan: PlanHeader;
  readonly #lanes: Lane[] = [];
  /** Lives of the restore points of each lane, while there are few enough for texts. */
  #lives: (readonly Life[])[] | undefined = [];
  #points = 0;
  #count = 0;

  constructor(plan: PlanHeader) {
    this.#plan = plan;
  }

  add(domain: DomainPlan): void {
    this.#count += 1;
    if (this.#lanes.length >= MAX_LANES) return;
    const lives = livesOf(domain);
    this.#lanes.push(laneOf(domain, lives));
    this.#points += lives.length;
    if (this.#points > TITLED) this.#lives = undefined;
    this.#lives?.push(lives);
  }

  render(): string {
    const axis = axisOf(this.#plan, oldestOf(this.#lanes));
    const rows = this.#lanes.reduce((sum, lane) => sum + lane.rows, 0);
    const pitch = round(Math.min(PITCH, Math.max(2, HEIGHT_AIM / Math.max(1, rows))));
    let y = TOP + 4;
    const lanes = this.#lanes.map((lane, index) => {
      const at = y;
      y += HEAD + lane.rows * pitch + GAP;
      return renderLane(lane, axis, { y: at, head: HEAD, pitch }, this.#lives?.[index]);
    });
    const unshown = this.#count - this.#lanes.length;
    const height = round(y + (unshown > 0 ? 24 : 0));
    return svgTemplate({
      plan: this.#plan,
      from: wallClock(this.#plan.horizon.from, this.#plan.timezone),
      until: wallClock(this.#plan.horizon.until, this.#plan.timezone),
      style: styleSheet(),
      legend: renderLegend(14, 42),
      axis: renderAxis(axis, TOP, height),
      lanes,
      unshown,
      width: WIDTH,
      height,
      top: TOP,
      left: axis.left,
      planBegins: round(xOf(axis, axis.planFrom)),
    });
  }
}

/** Pixels above the lanes: title, legend, calendar. */
const TOP = 78;
/** Characters of a name. */
const NAME = 90;

export function styleSheet(): string {
  return verbatim("timeline/timeline.css").trimEnd();
}

export function renderLegend(x: number, y: number): string {
  return legendTemplate({ x, y });
}

export function renderAxis({ ticks, right }: Axis, top: number, height: number): string {
  return axisTemplate({ ticks, right, top, height });
}

/** Slots of the oldest restore point of each lane. */
export function oldestOf(lanes: readonly Lane[]): string[] {
  return lanes.flatMap(({ bars }) => bars.slice(0, 1).map(({ slot }) => slot));
}

/**
 * A lane whose head begins `y` pixels from the top.
 * @param titled the lives of its bars, if each bar gets a text
 */
export function renderLane(
  lane: Lane,
  axis: Axis,
  { y, head, pitch }: { y: number; head: number; pitch: number },
  titled: readonly Life[] = [],
): string {
  const top = y + head;
  const middle = (row: number) => round(top + (row + 0.5) * pitch);
  const size = markSize(lane, axis, pitch);
  const x = (time: string) => round(xOf(axis, time));
  const end = (bar: Bar) => (bar.end === undefined ? axis.right : x(bar.end));
  const isOlder = ({ slot }: Bar) => Date.parse(slot) < axis.from;
  const path = (draw: (bar: Bar) => string | readonly string[], bars: readonly Bar[] = lane.bars) =>
    bars.flatMap(draw).join("");
  const upTo = (at: number, row: number, other: number) => `M${at} ${middle(row)}V${middle(other)}`;
  return laneTemplate({
    name: lane.name,
    shown: [...lane.name].length > NAME ? `${[...lane.name].slice(0, NAME).join("")}…` : lane.name,
    label: laneLabel(lane),
    head: head > 0,
    y: round(y),
    mark: size,
    bar: round(Math.max(1, pitch * 0.35)),
    thin: pitch < 5 ? 0.5 : 1,
    links: path((bar) => (isOlder(bar) ? [] : bar.on.map((row) => upTo(x(bar.slot), bar.row, row)))),
    levels: LEVELS.flatMap((level) => {
      const bars = lane.bars.filter((bar) => bar.level === level);
      if (bars.length === 0) return [];
      return {
        level,
        bars: path((bar) => `M${x(bar.slot)} ${middle(bar.row)}H${end(bar)}`, bars),
        marks: path((bar) => (isOlder(bar) ? [] : markAt(level, x(bar.slot), middle(bar.row), size)), bars),
      };
    }),
    folds: path((bar) => (bar.into === undefined ? [] : upTo(end(bar), bar.row, bar.into))),
    ends: path((bar) =>
      bar.end === undefined
        ? []
        : `M${end(bar)} ${round(middle(bar.row) - pitch * 0.35)}v${round(pitch * 0.7)}`,
    ),
    open: path((bar) => (bar.end === undefined ? arrow(axis.right, middle(bar.row), pitch, 1) : [])),
    older: path((bar) => (isOlder(bar) ? arrow(axis.left, middle(bar.row), pitch, -1) : [])),
    titles: titled.flatMap((life, index) => {
      const bar = lane.bars[index];
      return bar === undefined
        ? []
        : {
            x: round(x(bar.slot) - size / 2),
            y: round(top + bar.row * pitch),
            width: round(end(bar) - x(bar.slot) + size / 2),
            height: pitch,
            text: tell(life),
          };
    }),
  });
}

/** The size of marks, so that neighbours do not overlap. */
function markSize({ bars }: Lane, axis: Axis, pitch: number): number {
  const slots = new Set(bars.filter(({ slot }) => Date.parse(slot) >= axis.from).map(({ slot }) => slot));
  const room = (axis.right - axis.left) / Math.max(1, slots.size);
  return round(Math.max(1.5, Math.min(pitch * 0.95, room * 0.95, 9)));
}

/**
 * A square is a line that is as long as wide, a circle is a dot with round caps, a diamond is a square that stands on a
 * corner. A dot with square caps would work on a screen, but in PDF it has no direction and is not painted (PDF 1.7,
 * 8.5.3.2).
 */
function markAt(level: Level, x: number, y: number, size: number): string {
  if (level === "full") return `M${round(x - size / 2)} ${y}h${size}`;
  if (level === "incremental") return `M${x} ${y}h0`;
  const half = round(size * 0.62);
  return `M${x} ${round(y - half)}l${half} ${half}-${half} ${half}-${half}-${half}z`;
}

function arrow(x: number, y: number, pitch: number, direction: 1 | -1): string {
  const half = round(pitch * 0.35);
  return `M${x} ${round(y - half)}l${direction * half} ${half} ${-direction * half} ${half}`;
}

export function laneLabel({ mode, bars, kept }: Lane): string {
  return `${mode} mode, ${bars.length} ${plural(bars.length, "restore point")}, ${kept} left at the end`;
}

/** The text of a restore point: what it is, why, and how it ends. */
export function tell(life: Life): string {
  return [`${life.level}, ${life.localTime}`, life.point, whyOf(life), fateOf(life)].join("\n");
}

export function whyOf({ disks, buildsOn }: Life): string {
  if (disks !== undefined) return disksText(disks);
  return `made before this plan${buildsOn.length > 0 ? `, on ${buildsOn.join(", ")}` : ""}`;
}

export function fateOf({ deletion, reasons }: Life): string {
  if (deletion === undefined) return `kept: ${reasons.join(", ")}`;
  const { localTime: time, foldedInto } = deletion;
  return foldedInto === undefined
    ? `deleted by the run of ${time}`
    : `folded into ${foldedInto} by the run of ${time}`;
}

export function round(value: number): number {
  return Math.round(value * 10) / 10;
}
