/**
 * Loaded before anything else in the sandbox, and always this program's own, whichever code is replayed: besides the domain,
 * the projections and the sandbox of that code, immer, netmask and hashing, no module can be loaded from here on. What could
 * reach a network without a module is taken away.
 */
import { registerHooks } from 'node:module';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const entry = process.argv[1] ?? '';
const rooms = ['domain', 'projections', 'adapters/replay'].map((room) => join(entry, '../../..', room) + sep);
const builtins: ReadonlySet<string> = new Set(['node:crypto']);
/** Packages of the house that only compute, wherever they are installed. */
const pure = /\/node_modules\/(?:immer|netmask)\//;

const isInside = (url: string): boolean =>
  url.startsWith('file:') && rooms.some((room) => fileURLToPath(url).startsWith(room));

registerHooks({
  resolve: (specifier, context, nextResolve) => {
    if (builtins.has(specifier)) return nextResolve(specifier, context);
    const resolved = nextResolve(specifier, context);
    if (isInside(resolved.url) || (resolved.url.startsWith('file:') && pure.test(resolved.url))) return resolved;
    throw new Error(`${specifier} cannot be loaded: the sandbox holds the domain and the projections, and no way out`);
  },
});
for (const name of ['fetch', 'WebSocket', 'EventSource']) Reflect.deleteProperty(globalThis, name);
for (const name of ['getBuiltinModule', 'binding', 'dlopen']) {
  Object.defineProperty(process, name, { value: undefined, configurable: false });
}
