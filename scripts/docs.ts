/** Writes the generated pages of `docs/` anew. A test checks that they are current. */
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { eventsPage } from './docs.d/events.ts';
import { propertiesPage } from './docs.d/properties.ts';

const root = resolve(import.meta.dirname, '..');

export const generatedPages: Readonly<Record<string, () => string>> = {
  'docs/events.md': () => eventsPage(root),
  'docs/properties.md': propertiesPage,
};

if (import.meta.main) {
  for (const [path, page] of Object.entries(generatedPages)) writeFileSync(join(root, path), page());
}
