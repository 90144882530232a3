/**
 * The process of the sandbox: frames in on standard input, answers out on standard output, then the end. Everything it imports
 * is the domain, the projections and this room; it must never import anything that can reach beyond its own memory.
 */
import type { ToSandbox } from './frames.ts';
import { createSandbox } from './sandbox.ts';

const sandbox = createSandbox();
let rest = '';

const takeLine = (line: string): void => {
  const answer = sandbox.take(JSON.parse(line) as ToSandbox);
  if (answer !== undefined) process.stdout.write(`${JSON.stringify(answer)}\n`);
};

process.stdin.setEncoding('utf8');
process.stdin.on('data', (chunk: string) => {
  const lines = (rest + chunk).split('\n');
  rest = lines.pop() ?? '';
  for (const line of lines) takeLine(line);
});
