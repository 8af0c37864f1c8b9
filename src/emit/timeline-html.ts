import { escapeXml } from "../libvirt/write.js";
import type { LazyPlan } from "../plan/lazy.js";
import { livesOf } from "../plan/lives.js";
import { wallClock } from "../plan/local-time.js";
import type { PlanHeader } from "../plan/plan.js";
import { template, verbatim } from "../templates/template.js";
import {
  fateOf,
  laneLabel,
  laneOf,
  oldestOf,
  renderAxis,
  renderLane,
  renderLegend,
  round,
  styleSheet,
  whyOf,
} from "./timeline.js";
import { type Axis, axisOf, WIDTH, xOf } from "./timeline-axis.js";

/** Height of a row in pixels, and the most for a lane with many rows. */
const PITCH = 10;
const TALL = 420;

interface HtmlView {
  readonly plan: PlanHeader;
  /** Of the horizon, as the zone reads it. */
  readonly from: string;
  readonly until: string;
  readonly style: string;
  readonly script: string;
  readonly width: number;
  readonly legend: string;
  readonly axis: string;
  readonly ticks: Axis["ticks"];
  readonly left: number;
  readonly lanes: readonly HtmlLane[];
  /** Texts for the script, each once, because a thousand domains have the same texts. */
  readonly shared: string;
}

interface HtmlLane {
  readonly name: string;
  readonly label: string;
  readonly picture: string;
  readonly height: number;
  readonly rows: number;
  readonly planBegins: number;
  /** `[title, why, fate, row, x, end]` of each restore point: numbers of texts, then pixels. */
  readonly points: string;
}

const htmlTemplate = template<HtmlView>("timeline/timeline.html", escapeXml);

/**
 * A page in one file, without network access, in light and dark, for keyboard, screen reader and print. Every lane is
 * drawn here; the page's script only describes what is under the pointer.
 */
export function renderHtmlTimeline({ header: plan, domains }: LazyPlan): string {
  const texts = new Texts();
  const read = domains.map((domain) => {
    const known = domain.plan();
    const lives = livesOf(known);
    // Only numbers of texts are kept, because a thousand domains have the same texts.
    const says = lives.map((life) => [
      texts.number(`${life.level}, ${life.localTime}\n${life.point}`),
      texts.number(whyOf(life)),
      texts.number(fateOf(life)),
    ]);
    return { lane: laneOf(known, lives), says };
  });
  const axis = axisOf(plan, oldestOf(read.map(({ lane }) => lane)));
  const x = (time: string) => round(xOf(axis, time));
  return htmlTemplate({
    plan,
    from: wallClock(plan.horizon.from, plan.timezone),
    until: wallClock(plan.horizon.until, plan.timezone),
    style: styleSheet(),
    script: verbatim("timeline/timeline.js").trimEnd(),
    width: WIDTH,
    legend: renderLegend(0, 10),
    axis: renderAxis(axis, 18, 26),
    ticks: axis.ticks,
    left: axis.left,
    lanes: read.map(({ lane, says }) => {
      const pitch = round(Math.min(PITCH, Math.max(2, TALL / lane.rows)));
      return {
        name: lane.name,
        label: laneLabel(lane),
        picture: renderLane(lane, axis, { y: 0, head: 0, pitch }),
        height: round(lane.rows * pitch),
        rows: lane.rows,
        planBegins: round(xOf(axis, axis.planFrom)),
        points: JSON.stringify(
          lane.bars.map(({ slot, row, end }, index) => [
            ...(says[index] ?? []),
            row,
            x(slot),
            end === undefined ? axis.right : x(end),
          ]),
        ),
      };
    }),
    shared: JSON.stringify(texts.all).replaceAll("<", "\\u003c"),
  });
}

class Texts {
  readonly #numbers = new Map<string, number>();

  number(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    this.#numbers.set(text, this.#numbers.size);
    return this.#numbers.size - 1;
  }

  get all(): readonly string[] {
    return [...this.#numbers.keys()];
  }
}
