/** Problems of the domain's addresses. */
import type { ProblemRows } from '../problems.ts';

export const addressProblems: ProblemRows = {};
