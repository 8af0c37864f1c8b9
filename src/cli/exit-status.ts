/** Exit status of every command: 0 done, 1 error, 2 there are differences. */
export type ExitStatus = 0 | 1 | 2;
