/** Problems of the domain's groups. */
import type { ProblemRows } from '../problems.ts';

export const groupProblems: ProblemRows = {};
