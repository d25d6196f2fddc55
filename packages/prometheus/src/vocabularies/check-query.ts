import { parser } from '@prometheus-io/lezer-promql';
import { SelectionError } from './selection.js';

const forbidden: readonly string[] = ['Rate', 'Irate', 'Increase', 'Delta', 'Idelta', 'Deriv'];

/** Names of the nodes of a query, in order; `⚠` where it is no PromQL. */
function nodesOf(query: string): readonly string[] {
  const names: string[] = [];
  parser.parse(query).iterate({ enter: ({ name }) => void names.push(name) });
  return names;
}

/** A filled template is still one expression, with its holes as values; of `counters`, without rates. @throws SelectionError otherwise */
export function checkQuery(name: string, template: string, filled: string, { counters = true }: { readonly counters?: boolean } = {}): void {
  const nodes = nodesOf(filled);
  if (nodes.includes('⚠')) {
    const left = /\$\w+/.exec(filled)?.[0];
    throw new SelectionError(
      `queries.${name} is no PromQL${left === undefined ? '' : `: there is no hole ${left}`}; a hole stands for a whole value, without quotes: ${template}`,
    );
  }
  const rate = counters ? nodes.find((node) => forbidden.includes(node)) : undefined;
  if (rate !== undefined)
    throw new SelectionError(`queries.${name} uses ${rate.toLowerCase()}(): counters as they are, please; resets and gaps are found from them`);
}
