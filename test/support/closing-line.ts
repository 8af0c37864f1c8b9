import { appendFileSync } from "node:fs";
import type { Reporter, TestCase, TestModule, Vitest } from "vitest/node";

/**
 * Closes a suite with `N passed, N failed`; adds the line to $TIDEMARK_RESULTS, so that several suites can be summed. A test that is
 * skipped has failed, unless `--tags-filter` left it out.
 */
export default class ClosingLine implements Reporter {
  #filters: readonly string[] = [];

  onInit(vitest: Vitest): void {
    this.#filters = vitest.config.tagsFilter ?? [];
  }

  /** Of vitest's filters, the suites use a tag, and `!` before one. */
  #asked({ tags }: TestCase): boolean {
    return this.#filters.every((filter) =>
      filter.startsWith("!") ? !tags.includes(filter.slice(1)) : tags.includes(filter),
    );
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    let passed = 0;
    let failed = errors.length;
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        if (!this.#asked(test)) continue;
        if (test.result().state === "passed") passed += 1;
        else failed += 1;
      }
      failed += module.errors().length;
    }
    const line = `${passed} passed, ${failed} failed\n`;
    const file = process.env["TIDEMARK_RESULTS"];
    if (file !== undefined) appendFileSync(file, line);
    process.stdout.write(line);
  }
}
