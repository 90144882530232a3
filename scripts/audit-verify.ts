/**
 * Writes `scripts/audit-verify.mjs`: the checker of audit bundles as one file for auditors, made of `bundleProof.ts` without its
 * types and the few lines below. A test compares the two.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';

const source = join(import.meta.dirname, '../src/adapters/audit/bundleProof.ts');
const target = join(import.meta.dirname, 'audit-verify.mjs');

const main = `
// From here on: the command line. node audit-verify.mjs BUNDLE PUBLIC_KEY.pem
import { readFileSync } from 'node:fs';

const [bundle, key] = process.argv.slice(2);
if (bundle === undefined || key === undefined) {
  process.stderr.write('usage: node audit-verify.mjs BUNDLE PUBLIC_KEY.pem\\n');
  process.exitCode = 2;
} else {
  const checked = checkBundle(readFileSync(bundle), readFileSync(key, 'utf8'));
  process.stdout.write(\`\${JSON.stringify(checked, null, 2)}\\n\`);
  process.exitCode = checked.ok ? 0 : 1;
}
`;

const blankLines = /^[ \t]+$/gm;

export const verifierText = (): string =>
  `// Made by scripts/audit-verify.ts from src/adapters/audit/bundleProof.ts. Do not edit.\n${stripTypeScriptTypes(
    readFileSync(source, 'utf8'),
  )
    .replace(blankLines, '')
    .replace(/[ \t]+$/gm, '')
    .replace(/\n{3,}/g, '\n\n')}${main}`;

if (import.meta.main) writeFileSync(target, verifierText());
