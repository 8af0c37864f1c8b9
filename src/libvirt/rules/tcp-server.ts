import { FEATURES } from "../features.js";
import type { Rule } from "../rule.js";
import { host } from "../values.js";

export const tcpServerRule: Rule = {
  code: "TM424",
  page: `A server on TCP listens on the name or address of a host: letters, digits, dots and dashes, or an IPv6 address without brackets.
libvirt's schema refuses everything else.

A server on TCP needs a port, from 1 to 65535; the standard port of NBD is 10809. The schema allows to leave it out, but
\`backup-begin\` says that it “must specify TCP port for now”. libvirt 12.8 and newer choose a free port themselves, from the range
\`backup_port_min\` to \`backup_port_max\` of \`qemu.conf\`. A policy always names the port: the plan says what will happen, and a
firewall needs to know it.`,
  source:
    "domainbackup.rng; qemu_backup.c:qemuBackupPrepare; over 65535: seen on QEMU 7.2 (“out of range”); no port: refused by libvirt 9.0 and 11.3, chosen by 12.8",
  *breaches({ backup }) {
    const server = backup?.given.server;
    if (server?.transport !== "tcp") return;
    if (!host.allows(server.name)) {
      yield {
        message: `the server's host "${server.name}" is not a valid name or address`,
        hint: "write a name, or an address such as 127.0.0.1 or ::1",
        in: "backup",
        part: "server",
      };
    }
    const hint = "set the port, such as 10809";
    if (server.port === undefined) {
      const until = FEATURES.chosenPort.libvirt;
      yield { message: "the server has no port", hint, in: "backup", part: "server", until };
    } else if (server.port > 65535) {
      const message = `the server's port is ${server.port}; the highest port is 65535`;
      yield { message, hint, in: "backup", part: "server" };
    }
  },
};
