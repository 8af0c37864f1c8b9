/** Columns in which text can still be read. */
export const NARROWEST = 40;

/** Columns of stdout; what is no terminal has no end. */
export function terminalWidth(): number {
  return process.stdout.isTTY === true && process.stdout.columns > 0
    ? Math.max(process.stdout.columns, NARROWEST)
    : Number.POSITIVE_INFINITY;
}

/** Breaks at spaces; a word that is longer stays whole, so that it can be copied. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

/** Widest first column that what goes on stands right of. */
const TITLE = 20;

/** Breaks the lines that are too long; what goes on stands under the text beside a short first column, or indented. */
export function fit(text: string, width: number): string {
  return text
    .split("\n")
    .flatMap((line) => {
      if (line.length <= width) return line;
      const title = /^ *\S+(?: \S+)* {2,}/.exec(line)?.[0].length ?? 0;
      const margin = /^ */.exec(line)?.[0].length ?? 0;
      const hang = title > 0 && title <= TITLE ? title : margin >= TITLE / 2 ? margin : margin + 4;
      const [first = "", ...more] = wrap(line.slice(hang), width - hang);
      return [
        `${line.slice(0, hang)}${first}`.trimEnd(),
        ...more.map((each) => `${" ".repeat(hang)}${each.trim()}`).filter((each) => each.trim() !== ""),
      ];
    })
    .join("\n");
}
