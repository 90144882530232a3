/** A role is something that starts, says where it is, and stops. */

export type Role = {
  readonly name: string;
  /** Resolves when it works; lines for people say where everything is. */
  readonly start: () => Promise<readonly string[]>;
  readonly stop: () => Promise<void>;
};

/** Starts in order; if one fails, those started are stopped again. Stops in reverse. */
export const together = (roles: readonly Role[]): Role => {
  const started: Role[] = [];
  const stop = async (): Promise<void> => {
    for (const role of started.splice(0).reverse()) await role.stop();
  };
  return {
    name: roles.map(({ name }) => name).join(','),
    start: async () => {
      const lines: string[] = [];
      try {
        for (const role of roles) {
          started.push(role);
          lines.push(...(await role.start()));
        }
      } catch (fault) {
        await stop();
        throw fault;
      }
      return lines;
    },
    stop,
  };
};

/** A start that failed for a reason the person at the keyboard can mend. */
export class StartRefused extends Error {}
