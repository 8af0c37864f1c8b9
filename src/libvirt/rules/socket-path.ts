import type { Rule } from "../rule.js";

/** `sun_path` of unix(7) has 108 bytes; clients need a zero in the last one. */
export const MAX_SOCKET_PATH = 107;

export const socketPathRule: Rule = {
  code: "TM425",
  page: `The kernel keeps the path of a Unix socket in 108 bytes. QEMU can listen on a path that fills all of them, but the clients that copy
the data end the path with a zero byte, so ${MAX_SOCKET_PATH} bytes are left. The limit is in bytes, not in characters.

Put the socket into a folder with a short path, such as \`/run/tidemark\`.`,
  source: "unix(7); seen on QEMU 7.2: 108 bytes begin, 109 are “too long”",
  ours: "only for a path of 108 bytes: QEMU listens there, but no client can connect",
  *breaches({ backup }) {
    const server = backup?.given.server;
    if (server?.transport !== "unix") return;
    const bytes = Buffer.byteLength(server.socket);
    if (bytes <= MAX_SOCKET_PATH) return;
    yield {
      message: `the path of the server's socket is ${bytes} bytes long; ${MAX_SOCKET_PATH} are possible: ${server.socket}`,
      hint: "choose a shorter folder, such as /run/tidemark",
      in: "backup",
      part: "server",
    };
  },
};
