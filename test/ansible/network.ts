import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { sh } from "../live/guest.js";

export interface Host {
  readonly name: string;
  /** Whether a systemd of its own is its first process. */
  readonly systemd: boolean;
}

/** Network namespaces, a controller's and one a host, with ssh from the first to the others. No address is outside of them. */
export interface Network {
  /** Prefix of a command that is run on the controller. */
  readonly controller: readonly [string, ...string[]];
  /** Addresses of the hosts. */
  readonly addresses: readonly string[];
  /** Options of ssh that reach the hosts. */
  readonly ssh: string;
  readonly key: string;
  /** Runs a command on a host, and gives what it prints. @throws unless it exits with `status` (0) */
  readonly on: (host: number, command: string, status?: number) => string;
  /** What a host has as its folder of plans, or as that of its units. */
  readonly own: (host: number, what: "plans" | "units") => string;
  readonly remove: () => Promise<void>;
}

const CONTROLLER = "tmansctl";
const HOST = fileURLToPath(new URL("host.sh", import.meta.url));

/**
 * @param folder for keys, settings and what is the hosts' own; readable by root alone
 * @param plans a folder that is another on each host
 */
export function startNetwork(folder: string, hosts: readonly Host[], plans: string): Network {
  const namespaces = hosts.map((_, index) => `tmansh${index + 1}`);
  const addresses = hosts.map((_, index) => `10.231.0.${index + 11}`);
  const drop = () => {
    for (const namespace of [CONTROLLER, ...namespaces]) {
      const left = sh("ip", ["netns", "pids", namespace], { status: "any" }).stdout.split("\n");
      for (const pid of left.filter(Boolean)) sh("kill", ["-9", pid], { status: "any" });
      sh("ip", ["netns", "del", namespace], { status: "any" });
    }
  };
  const inside = (namespace: string, ...command: readonly string[]) =>
    sh("ip", ["netns", "exec", namespace, ...command]);
  // Of a suite that was cut short.
  drop();
  mkdirSync(folder, { recursive: true });
  for (const name of ["host", "user"])
    sh("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(folder, name)]);
  const authorized = join(folder, "authorized_keys");
  writeFileSync(authorized, readFileSync(join(folder, "user.pub")));
  chmodSync(authorized, 0o600);
  const known = join(folder, "known_hosts");
  const hostKey = readFileSync(join(folder, "host.pub"), "utf8");
  writeFileSync(known, addresses.map((address) => `${address} ${hostKey}`).join(""));

  sh("ip", ["netns", "add", CONTROLLER]);
  inside(CONTROLLER, "ip", "link", "set", "lo", "up");
  inside(CONTROLLER, "ip", "link", "add", "br0", "type", "bridge");
  inside(CONTROLLER, "ip", "address", "add", "10.231.0.1/24", "dev", "br0");
  inside(CONTROLLER, "ip", "link", "set", "br0", "up");
  mkdirSync("/run/sshd", { recursive: true });
  const servers = hosts.map(({ systemd }, index) => {
    const namespace = namespaces[index] ?? "";
    const port = `to${index + 1}`;
    sh("ip", ["netns", "add", namespace]);
    inside(CONTROLLER, "ip", "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", namespace);
    inside(CONTROLLER, "ip", "link", "set", port, "master", "br0", "up");
    inside(namespace, "ip", "link", "set", "lo", "up");
    inside(namespace, "ip", "address", "add", `${addresses[index]}/24`, "dev", "eth0");
    inside(namespace, "ip", "link", "set", "eth0", "up");
    const settings = join(folder, `${namespace}.conf`);
    writeFileSync(
      settings,
      `HostKey ${join(folder, "host")}\nAuthorizedKeysFile ${authorized}\nListenAddress ${addresses[index]}
Subsystem sftp internal-sftp\nPidFile none\nStrictModes no\nUsePAM no\nPasswordAuthentication no\nPermitRootLogin prohibit-password\n`,
    );
    const init = systemd ? ["systemd"] : [];
    return spawn("bash", [HOST, namespace, settings, join(folder, namespace), plans, ...init], {
      stdio: "ignore",
    });
  });
  const ssh = `-F /dev/null -i ${join(folder, "user")} -o UserKnownHostsFile=${known} -o BatchMode=yes -o ControlMaster=auto -o ControlPersist=20s`;
  const knock = `for i in {1..100}; do ssh ${ssh} root@"$address" true && exit; sleep 0.1; done; exit 1`;
  for (const address of addresses) inside(CONTROLLER, "env", `address=${address}`, "bash", "-c", knock);
  return {
    controller: ["ip", "netns", "exec", CONTROLLER],
    addresses,
    ssh,
    key: join(folder, "user"),
    on: (host, command, status = 0) => {
      const args = [
        "netns",
        "exec",
        CONTROLLER,
        "ssh",
        ...ssh.split(" "),
        `root@${addresses[host]}`,
        command,
      ];
      return sh("ip", args, { status }).stdout;
    },
    own: (host, what) => join(folder, namespaces[host] ?? "", what),
    remove: async () => {
      for (const server of servers) {
        if (server.exitCode !== null) continue;
        const ended = once(server, "exit");
        server.kill();
        await ended;
      }
      drop();
    },
  };
}
