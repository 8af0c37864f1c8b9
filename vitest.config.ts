import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

const tags = [{ name: "core", description: "What `npm run test:hosts` asks of each libvirt." }];

const live = (name: string, include: string[], options = {}) => ({
  test: {
    ...options,
    name,
    include,
    globalSetup: "test/support/state-folder.ts",
    tags,
    testTimeout: 900_000,
    hookTimeout: 120_000,
  },
});

/** Suites that need nothing but Node come first; the others need what test/live/setup.sh installs. */
export default defineConfig({
  test: {
    // Suites wait for programs more than they compute; one worker less than cores, the default, leaves a core idle here.
    maxWorkers: Math.max(2, availableParallelism()),
    reporters: ["default", "./test/support/closing-line.ts"],
    projects: [
      {
        test: { name: "unit", include: ["test/unit/**/*.test.ts"], testTimeout: 60_000, hookTimeout: 60_000 },
      },
      {
        test: {
          name: "golden",
          include: ["test/golden/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      { test: { name: "schemas", include: ["test/schemas/**/*.test.ts"], testTimeout: 60_000 } },
      { test: { name: "oracle", include: ["test/oracle/**/*.test.ts"], tags, testTimeout: 600_000 } },
      { test: { name: "model", include: ["test/model/**/*.test.ts"], testTimeout: 900_000 } },
      { test: { name: "fuzz", include: ["test/fuzz/**/*.test.ts"], testTimeout: 86_400_000 } },
      { test: { name: "shells", include: ["test/shells/**/*.test.ts"], testTimeout: 120_000 } },
      { test: { name: "browser", include: ["test/browser/**/*.test.ts"], testTimeout: 120_000 } },
      live("ansible", ["test/ansible/*.test.ts"]),
      {
        test: {
          name: "package",
          include: ["test/package/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
      live("live", ["test/live/*.test.ts"]),
      // One libvirtd serves every file, and each file restarts it.
      live("daemon", ["test/live/daemon/*.test.ts"], { fileParallelism: false }),
      live("machines", ["test/machines/*.test.ts"]),
      live("newcomer", ["test/newcomer/*.test.ts"]),
    ],
  },
});
