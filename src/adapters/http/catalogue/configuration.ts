/** Problems of the domain's configuration. */
import type { ProblemRows } from '../problems.ts';

export const configurationProblems: ProblemRows = {};
