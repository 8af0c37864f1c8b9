import { appendFileSync } from "node:fs";
import type { Reporter, TestModule } from "vitest/node";

/** Closes a suite with `N passed, N failed`; adds the line to $TIDEMARK_RESULTS, so that several suites can be summed. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    let passed = 0;
    let failed = errors.length;
    for (const module of modules) {
      for (const test of module.children.allTests()) {
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
