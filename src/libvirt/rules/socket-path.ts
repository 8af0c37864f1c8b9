import type { Rule } from "../rule.js";

/** `sun_path` of unix(7) has 108 bytes, the last of which clients want to be zero. */
export const MAX_SOCKET_PATH = 107;

export const socketPathRule: Rule = {
  code: "TM425",
  page: `The kernel keeps the path of a Unix socket in 108 bytes. QEMU can listen on a path that fills all of them; the clients
that copy the data end the path with a zero byte, and ${MAX_SOCKET_PATH} bytes are left. Bytes count, not characters.

Put the socket into a folder with a short path, such as \`/run/tidemark\`.`,
  source: "unix(7); seen on QEMU 7.2: 108 bytes begin, 109 are “too long”",
  ours: "of a path of 108 bytes alone: QEMU listens there, and no client gets in",
  *breaches({ backup }) {
    const server = backup?.given.server;
    if (server?.transport !== "unix") return;
    const bytes = Buffer.byteLength(server.socket);
    if (bytes <= MAX_SOCKET_PATH) return;
    yield {
      message: `the path of the server's socket is ${bytes} bytes long, and can be ${MAX_SOCKET_PATH}: ${server.socket}`,
      hint: "choose a shorter folder, such as /run/tidemark",
      in: "backup",
      part: "server",
    };
  },
};
