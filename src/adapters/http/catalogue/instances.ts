/** Problems of the domain's instances. */
import type { ProblemRows } from '../problems.ts';

export const instanceProblems: ProblemRows = {};
