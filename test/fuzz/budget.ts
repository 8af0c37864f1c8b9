/** Seconds that the suite may take as a whole: a minute, or what TIDEMARK_FUZZ_SECONDS says. */
export const SECONDS = Number(process.env["TIDEMARK_FUZZ_SECONDS"] ?? 60);

/** Of what is made up: the same in every run, so that a change is judged and not luck; TIDEMARK_FUZZ_SEED takes another. */
export const SEED = Number(process.env["TIDEMARK_FUZZ_SEED"] ?? 20);

/** No case takes longer; the figure. */
export const HANG_MS = 5_000;

/** What a failure says, so that it can be had again. */
export const REPLAY = `replay with TIDEMARK_FUZZ_SEED=${SEED}`;

/** Numbers below a bound, the same for the same seed (mulberry32). */
export function random(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
