import {
  type AggregateOp,
  aggregateOps,
  type Expression,
  type LabelMatcher,
  type Matching,
  type MatchOp,
  ParseError,
  type SetOp,
  UnsupportedError,
} from './syntax.js';
import { durationMs, placeOf, type Token, tokensOf, unquote } from './tokens.js';

/** @throws ParseError for what is no PromQL; UnsupportedError for what is more than is understood here */
export function parse(query: string): Expression {
  const parser = new Parser(query);
  return parser.whole();
}

class Parser {
  readonly #query: string;
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(query: string) {
    this.#query = query;
    this.#tokens = tokensOf(query);
  }

  whole(): Expression {
    const expression = this.#or();
    if (this.#next.kind !== 'end') this.#fail();
    return expression;
  }

  get #next(): Token {
    return this.#tokens[this.#at] ?? { kind: 'end', text: '', at: this.#query.length };
  }

  #or(): Expression {
    let left = this.#and();
    while (this.#takes('or')) left = this.#set('or', left, () => this.#and());
    return left;
  }

  #and(): Expression {
    let left = this.#primary();
    for (const op of ['and', 'unless'] as const) while (this.#takes(op)) left = this.#set(op, left, () => this.#primary());
    if (this.#next.kind === 'symbol' && /^[-+*/%^]$|^[<>]=?$|^[!=]=$|^@$/.test(this.#next.text)) throw new UnsupportedError(`operator ${this.#next.text}`);
    return left;
  }

  #set(op: SetOp, left: Expression, right: () => Expression): Expression {
    const kind = this.#takes('on') ? 'on' : this.#takes('ignoring') ? 'ignoring' : undefined;
    const matching: Matching = kind === undefined ? { kind: 'ignoring', labels: [] } : { kind, labels: this.#labels() };
    return { kind: 'set', op, matching, left, right: right() };
  }

  #primary(): Expression {
    const { kind, text } = this.#next;
    if (kind === 'string') {
      this.#at += 1;
      return { kind: 'string', value: unquote(text) };
    }
    if (kind === 'number') throw new UnsupportedError(`the number ${text} as an expression`);
    if (text === '-' || text === '+') throw new UnsupportedError(`operator ${text}`);
    if (this.#takes('(')) {
      const inner = this.#or();
      this.#need(')');
      return inner;
    }
    if (text === '{') return this.#selector(undefined);
    if (kind !== 'name') return this.#fail();
    this.#at += 1;
    const aggregate = aggregateOps.find((op) => op === text.toLowerCase());
    if (aggregate !== undefined && ['(', 'by', 'without'].includes(this.#next.text)) return this.#aggregate(aggregate);
    if (this.#takes('(')) return { kind: 'call', name: text, args: this.#args() };
    return this.#selector(text);
  }

  #aggregate(op: AggregateOp): Expression {
    let grouping = this.#grouping();
    this.#need('(');
    const of = this.#or();
    this.#need(')');
    grouping ??= this.#grouping();
    return { kind: 'aggregate', op, grouping: grouping?.kind ?? 'by', labels: grouping?.labels ?? [], of };
  }

  #grouping(): { readonly kind: 'by' | 'without'; readonly labels: readonly string[] } | undefined {
    const kind = this.#takes('by') ? 'by' : this.#takes('without') ? 'without' : undefined;
    return kind && { kind, labels: this.#labels() };
  }

  #args(): readonly Expression[] {
    const args: Expression[] = [];
    while (!this.#takes(')')) {
      args.push(this.#or());
      if (!this.#takes(',') && this.#next.text !== ')') this.#fail();
    }
    return args;
  }

  #selector(metric: string | undefined): Expression {
    const matchers: LabelMatcher[] = metric === undefined ? [] : [{ label: '__name__', op: '=', value: metric }];
    if (this.#takes('{')) {
      while (!this.#takes('}')) {
        matchers.push(this.#matcher());
        if (!this.#takes(',') && this.#next.text !== '}') this.#fail();
      }
    }
    if (matchers.every((matcher) => matches(matcher, ''))) throw new ParseError('parse error: vector selector must contain at least one non-empty matcher');
    const rangeMs = this.#takes('[') ? this.#duration() : undefined;
    if (rangeMs !== undefined) this.#need(']');
    const offsetMs = this.#takes('offset') ? this.#duration() : 0;
    return { kind: 'selector', matchers, rangeMs, offsetMs };
  }

  #matcher(): LabelMatcher {
    const name = this.#next;
    if (name.kind === 'string' || name.kind === 'name') this.#at += 1;
    else this.#fail();
    const quoted = name.kind === 'string';
    if (quoted && [',', '}'].includes(this.#next.text)) return { label: '__name__', op: '=', value: unquote(name.text) };
    const { text: op } = this.#next;
    if (!['=', '!=', '=~', '!~'].includes(op)) this.#fail();
    this.#at += 1;
    const value = this.#next;
    if (value.kind !== 'string') this.#fail();
    this.#at += 1;
    const matcher = { label: quoted ? unquote(name.text) : name.text, op: op as MatchOp, value: unquote(value.text) };
    patternOf(matcher);
    return matcher;
  }

  #labels(): readonly string[] {
    this.#need('(');
    const labels: string[] = [];
    while (!this.#takes(')')) {
      const { kind, text } = this.#next;
      if (kind !== 'name' && kind !== 'string') this.#fail();
      labels.push(kind === 'string' ? unquote(text) : text);
      this.#at += 1;
      if (!this.#takes(',') && this.#next.text !== ')') this.#fail();
    }
    return labels;
  }

  #duration(): number {
    const { kind, text } = this.#next;
    if (kind !== 'duration') this.#fail();
    this.#at += 1;
    if (this.#next.text.startsWith(':')) throw new UnsupportedError('subqueries');
    return durationMs(text);
  }

  #takes(text: string): boolean {
    const { kind, text: found } = this.#next;
    if (kind === 'string' || found.toLowerCase() !== text) return false;
    this.#at += 1;
    return true;
  }

  #need(text: string): void {
    if (!this.#takes(text)) this.#fail();
  }

  #fail(): never {
    const { text, at } = this.#next;
    throw new ParseError(`${placeOf(this.#query, at)}: parse error: unexpected ${text === '' ? 'end of input' : JSON.stringify(text)}`);
  }
}

const patterns = new WeakMap<LabelMatcher, RegExp>();

/** RE2 is close enough to JavaScript for what is not refused here: no look-around, no back references. @throws ParseError */
function patternOf(matcher: LabelMatcher): RegExp | undefined {
  if (matcher.op === '=' || matcher.op === '!=') return undefined;
  const known = patterns.get(matcher);
  if (known !== undefined) return known;
  if (/\(\?(?![:is]|P<)/.test(matcher.value) || /\\[1-9]/.test(matcher.value))
    throw new ParseError(`parse error: error parsing regexp: ${JSON.stringify(matcher.value)}`);
  try {
    const pattern = new RegExp(`^(?:${matcher.value})$`, 'su');
    patterns.set(matcher, pattern);
    return pattern;
  } catch {
    throw new ParseError(`parse error: error parsing regexp: ${JSON.stringify(matcher.value)}`);
  }
}

/** Whether a label's value is one that is asked for; without the label it is empty. */
export function matches(matcher: LabelMatcher, value: string): boolean {
  switch (matcher.op) {
    case '=':
      return value === matcher.value;
    case '!=':
      return value !== matcher.value;
    case '=~':
      return patternOf(matcher)?.test(value) === true;
    case '!~':
      return patternOf(matcher)?.test(value) !== true;
  }
}
