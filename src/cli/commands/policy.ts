import type { Command } from "commander";
import { explained } from "../help.js";
import { type Action, format, horizon } from "./options.js";

/** From a host to a policy, and from a policy to a plan. */
export function policyCommands(program: Command, action: Action): void {
  explained(
    program
      .command("init")
      .description("a first inventory and a commented policy that protects every domain of a host")
      .option("-c, --connect <uri>", "libvirt connection, also a remote one (default: virsh's own)")
      .option(
        "--xml <dir>",
        "no connection: a folder of domain XML, or an inventory that was captured before",
      )
      .option("--libvirt <version>", "with --xml: the host's libvirt, where the folder does not say")
      .option("--qemu <version>", "with --xml: the host's QEMU")
      .option("-o, --out <dir>", "where policy.yaml and the inventory go", ".")
      .option("--name <name>", "the policy's name")
      .option("--repository <dir>", "folder on the host for the backups")
      .option("--timezone <zone>", "time zone of the schedule")
      .option("--time <hh:mm>", "time of the nightly run")
      .option("--keep-daily <number>", "days to keep")
      .option("--keep-weekly <number>", "weeks to keep")
      .option("--keep-monthly <number>", "months to keep")
      .option("-y, --yes", "ask nothing, take what is proposed")
      .addOption(format()),
    {
      notes: [
        "On a terminal it asks for what no option says, unless what it prints is for a program. Nothing that exists is overwritten. Disks that libvirt cannot back up are excluded by name, with the reason beside them.",
      ],
      exit: "0 written; 1 error, and no policy is written",
      examples: [
        "tidemark init -c qemu:///system",
        "tidemark init --yes --repository /srv/backup \\\n  --timezone Europe/Berlin -o backup",
        "tidemark init --yes --xml inventory -o copy --format json",
      ],
    },
  ).action(action(async () => (await import("../init.js")).initCommand));

  explained(
    program
      .command("inventory")
      .description(
        "capture what a plan is compiled over, through virsh: versions, domains, checkpoints, restore points",
      )
      .argument("[domain...]", "only these domains")
      .option("-c, --connect <uri>", "libvirt connection, also a remote one (default: virsh's own)")
      .option("-o, --out <dir>", "the inventory's folder", "inventory")
      .option(
        "--repository <dir>",
        "copy the manifests of the policy's repository as well, so that the next plan carries on",
      )
      .option("--manifests-only", "the repository is a copy of its manifests: do not look for images in it")
      .option(
        "--policy <file>",
        "capture the hosts that this policy names, each from its uri into its folder",
      )
      .option("--host <name...>", "with --policy: only these hosts; names or globs")
      .option("--sizes", "also ask how much has changed since each checkpoint, for the forecast")
      .addOption(format()),
    {
      notes: [
        "Secrets are not asked for. Ids and other things that change by themselves are left out, so that the folder differs in git only where the host does. Files of domains, checkpoints and restore points that are gone are removed; but where the repository seems to hold no restore point at all, as one that is not mounted, those that are known stay.",
      ],
      exit: "0 captured; 1 error, and the folder of a host that did not answer is as it was",
      examples: [
        "tidemark inventory -c qemu:///system --repository /var/backup/libvirt",
        "tidemark inventory -c qemu+ssh://root@host/system \\\n  -o hosts/host/inventory web-1 mail",
        "tidemark inventory --policy fleet.yaml --host 'kvm-*'",
      ],
    },
  ).action(action(async () => (await import("../inventory.js")).inventoryCommand));

  explained(
    horizon(
      program
        .command("validate")
        .description("check policies and their inventories, write nothing")
        .argument("<policy...>", "policy files"),
    ).addOption(format(["text", "json", "github", "sarif"])),
    {
      notes: ["Findings go to stderr; sarif, a report for code hosts, to stdout."],
      exit: "0 it compiles; 1 it does not",
      examples: [
        "tidemark validate policy.yaml",
        "tidemark validate policy.yaml --format github",
        "tidemark validate policy.yaml --format sarif > tidemark.sarif",
      ],
    },
  ).action(action(async () => (await import("../validate.js")).validateCommand));

  explained(
    horizon(
      program
        .command("compile")
        .description("compile policies into plan directories")
        .argument("<policy...>", "policy files")
        .option(
          "-o, --out <dir>",
          'plan directory (default: "plan" beside the policy); with several policies, the folder that holds them',
        )
        .option("-n, --dry-run", "print the plan, write nothing; as JSON what plan.json would be")
        .option(
          "--check",
          "is the plan directory what the policies compile to? Prints the difference, writes nothing",
        ),
    ).addOption(format()),
    {
      notes: [
        "Where the policy names hosts, each has its plan in a folder of its name, and the PLAN.md above tells of all.",
      ],
      exit: "0 written, or with --check: it is; 1 error, and nothing is written; 2 with --check: it is not",
      examples: [
        "tidemark compile policy.yaml -o plan",
        "tidemark compile policy.yaml -o plan --check",
        "tidemark compile policy.yaml --from 2026-12-01 --until 2026-12-15 -n",
        "tidemark compile policy.yaml --dry-run --format json > plan.json",
      ],
    },
  ).action(action(async () => (await import("../compile.js")).compileCommand));
}
