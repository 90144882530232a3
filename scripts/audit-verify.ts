/**
 * Writes `scripts/audit-verify.mjs`: the checker of audit bundles as one file for auditors, made of `bundleProof.ts` without its
 * types and the few lines below. A test compares the two.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';

const source = join(import.meta.dirname, '../src/adapters/audit/bundleProof.ts');
const target = join(import.meta.dirname, 'audit-verify.mjs');

const main = `
// From here on: the command line. node audit-verify.mjs BUNDLE PUBLIC_KEY.pem
import { createReadStream, readFileSync } from 'node:fs';

const [bundle, key] = process.argv.slice(2);
if (bundle === undefined || key === undefined) {
  process.stderr.write('usage: node audit-verify.mjs BUNDLE PUBLIC_KEY.pem\\n');
  process.exitCode = 2;
} else {
  const checked = await checkBundleStream(createReadStream(bundle), readFileSync(key, 'utf8'));
  process.stdout.write(\`\${JSON.stringify(checked, null, 2)}\\n\`);
  process.exitCode = checked.ok ? 0 : 1;
}
`;

const formatter = join(import.meta.dirname, '../node_modules/.bin/biome');

/** Without types, in the house's format: taking types away leaves their blanks behind. */
export const verifierText = (): string => {
  const code = stripTypeScriptTypes(readFileSync(source, 'utf8'));
  const text = `// Made by scripts/audit-verify.ts from src/adapters/audit/bundleProof.ts. Do not edit.\n${code}${main}`;
  return execFileSync(formatter, ['format', `--stdin-file-path=${target}`], { input: text, encoding: 'utf8' });
};

if (import.meta.main) writeFileSync(target, verifierText());
