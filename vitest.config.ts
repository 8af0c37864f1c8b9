import { defineConfig } from "vitest/config";

/** Suites that need nothing but Node come first; `schemas` and `live` need the libvirt that test/live/setup.sh installs. */
export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["test/unit/**/*.test.ts"], testTimeout: 60_000 } },
      { test: { name: "golden", include: ["test/golden/**/*.test.ts"], testTimeout: 60_000 } },
      { test: { name: "schemas", include: ["test/schemas/**/*.test.ts"], testTimeout: 60_000 } },
      { test: { name: "model", include: ["test/model/**/*.test.ts"], testTimeout: 600_000 } },
      {
        test: {
          name: "oracle",
          include: ["test/oracle/**/*.test.ts"],
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
      {
        test: {
          name: "live",
          include: ["test/live/**/*.test.ts"],
          testTimeout: 900_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
