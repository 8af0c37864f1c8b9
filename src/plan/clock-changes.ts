import { IANAZone } from "luxon";

const DAY = 86_400;

/** From an instant on, in seconds since 1970: how many seconds a zone's clocks are ahead of UTC. */
export interface ClockChange {
  readonly from: number;
  readonly ahead: number;
}

/** What the clocks of a zone show from one instant to another, both in seconds since 1970: what they show at the first, and each change. */
export function clockChanges(timezone: string, from: number, until: number): readonly ClockChange[] {
  const zone = IANAZone.create(timezone);
  const aheadAt = (second: number) => Math.round(zone.offset(second * 1000) * 60);
  const found: ClockChange[] = [{ from, ahead: aheadAt(from) }];
  // No zone has changed its clocks twice in a day.
  for (let day = from; day < until; day += DAY) {
    let [low, high] = [day, Math.min(day + DAY, until)];
    const ahead = aheadAt(high);
    if (ahead === aheadAt(low)) continue;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (aheadAt(middle) === ahead) high = middle;
      else low = middle;
    }
    found.push({ from: high, ahead });
  }
  return found;
}
