/** EC2's filters as query parameters: `filter.group-name=web*,db?`, values separated by commas. What they mean is the domain's. */
import type { Filter } from '../../domain/filters.ts';
import type { Exchange } from './route.ts';
import { type Members, text } from './schema.ts';

const PREFIX = 'filter.';

export const filterQuery = (names: readonly string[]): Members =>
  Object.fromEntries(
    names.map((filter) => [
      `${PREFIX}${filter}`,
      text(`Filter ${filter}: values separated by commas, * and ? are wild`),
    ]),
  );

export const filtersIn = ({ query }: Exchange): readonly Filter[] =>
  Object.entries(query)
    .filter(([parameter]) => parameter.startsWith(PREFIX))
    .map(([parameter, value]) => ({ name: parameter.slice(PREFIX.length), values: String(value).split(',') }));
