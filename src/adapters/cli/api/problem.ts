/** From an answer that is a "no" to a complaint: problem details (RFC 9457) if it has them, plain words if it is a stranger's. */
import { type Complaint, complain } from '../complaint.ts';
import { exitOfStatus, exits } from '../exits.ts';
import { forShell } from './advice.ts';
import type { Reply } from './request.ts';
import type { Target } from './target.ts';

type Problem = {
  readonly title?: unknown;
  readonly detail?: unknown;
  readonly next?: unknown;
  readonly code?: unknown;
  readonly member?: unknown;
};

const problemIn = ({ headers, body }: Reply): Problem | undefined => {
  if (headers.get('content-type')?.startsWith('application/problem+json') !== true) return undefined;
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null ? parsed : undefined;
  } catch {
    return undefined;
  }
};

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** A problem as it stands in an answer, e.g. inside of a batch. */
export const complaintOfProblem = (problem: Problem, status: number): Complaint => {
  const code = textOf(problem.code);
  const next = textOf(problem.next);
  const advice = next === undefined ? undefined : forShell(next);
  return {
    ...complain(exitOfStatus(status), textOf(problem.detail) ?? textOf(problem.title) ?? `HTTP ${status}`, advice),
    ...(code === undefined ? {} : { code }),
  };
};

export const complaintOf = (reply: Reply, target: Target): Complaint => {
  const problem = problemIn(reply);
  if (problem !== undefined) return complaintOfProblem(problem, reply.status);
  return complain(
    exits.unreachable,
    `What answers at ${target.url.origin} does not speak as Edgelog does (HTTP ${reply.status}).`,
    'check EDGELOG_URL or --url',
  );
};
