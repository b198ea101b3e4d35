// What a file uses that it does not declare itself: names, and the types whose members it touches.
import { Declarations, closing } from './declarations.mjs';
import { isWord } from './source.mjs';

const TAGGED = new Set(['struct', 'union', 'enum']);
const BEFORE_STAR = new Set(['const', 'volatile', 'restrict']);

/** What a file says: names (with the line of the first), types that have to be known as a whole, types that
 *  it only points to, and members of what could not be told. Members are resolved with view, which knows what
 *  the file sees: view.member(type, name), view.function(name) and view.variable(name) return a type or null. */
export function usesOf(source, view) {
	const own = new Declarations(source.tokens);
	const macros = ownMacros(source);
	const uses = { own, macros, names: new Map(), whole: new Map(), pointers: new Map(), members: new Set() };
	const types = new Types(source.tokens, own, view);

	scan(source.tokens, source.lines, uses, types);
	for (const d of source.directives) {
		if (d.name !== 'include') {
			const parameters = d.name === 'define' ? parametersOf(d.tokens) : new Set();
			const tokens = d.tokens.slice(d.name === 'define' ? 1 : 0).map((t) => (parameters.has(t) ? '0' : t));

			scan(tokens, tokens.map(() => d.line), uses, new Types(tokens, own, view));
		}
	}
	return uses;
}

function ownMacros(source) {
	return new Set(source.directives.filter((d) => d.name === 'define').map((d) => d.tokens[0]));
}

// The names between the brackets of "NAME(a, b) text".
function parametersOf(tokens) {
	return new Set(tokens[1] === '(' ? tokens.slice(2, closing(tokens, 1)).filter(isWord) : []);
}

function scan(tokens, lines, uses, types) {
	const note = (map, key, i) => map.has(key) || map.set(key, lines[i]);

	for (let i = 0; i < tokens.length; i++) {
		const token = tokens[i];

		if (TAGGED.has(token) && isWord(tokens[i + 1] ?? '')) {
			const key = `${token} ${tokens[i + 1]}`;

			if (tokens[i + 2] !== '{' && !(tokens[i + 2] === ';' && startsStatement(tokens[i - 1])))
				note(isPointer(tokens, i + 2) && token !== 'enum' ? uses.pointers : uses.whole, key, i);
			i++;
		} else if (token === '->' || (token === '.' && touches(tokens[i - 1]))) {
			const type = types.before(i);

			if (type)
				note(uses.whole, type, i);
			else
				uses.members.add(tokens[i + 1]);
			i++;
		} else if (token === '.') {
			i++; // a member in an initializer
		} else if (isWord(token)) {
			note(uses.names, token, i);
		}
	}
}

const startsStatement = (token) => token === undefined || token === ';' || token === '}';
const touches = (token) => token !== undefined && (isWord(token) || token === ')' || token === ']');

function isPointer(tokens, i) {
	while (BEFORE_STAR.has(tokens[i]))
		i++;
	return tokens[i] === '*';
}

// Types of expressions, as far as names, members, calls and casts show them.
class Types {
	#known = new Map(); // index of a member's "." or "->": type of the member

	constructor(tokens, own, view) {
		this.tokens = tokens;
		this.own = own;
		this.view = view;
		this.locals = localsOf(tokens);
	}

	/** The type of what stands before the "." or "->" at i; null: unknown. */
	before(i) {
		const type = this.#ending(i - 1, i);

		this.#known.set(i, type && this.#member(type, this.tokens[i + 1]));
		return type;
	}

	#ending(j, i) {
		const token = this.tokens[j];

		if (token === ')' || token === ']') {
			const open = this.#opening(j);

			return token === ']' ? this.#ending(open - 1, i) : this.#ofBrackets(open, j);
		}
		if (!isWord(token))
			return null;
		return this.#isMember(j) ? this.#known.get(j - 1) ?? null : this.#ofName(token, j);
	}

	#isMember(j) {
		return this.tokens[j - 1] === '.' || this.tokens[j - 1] === '->';
	}

	// What a call returns, or what the brackets hold: a cast and an operand, or *operand.
	#ofBrackets(open, close) {
		const before = this.tokens[open - 1] ?? '';

		if (isWord(before) && !this.#isMember(open - 1))
			return this.own.functions.get(before) ?? this.view.function(before);
		if (this.tokens[open + 1] === '*' || this.tokens[open + 1] === '&')
			return this.#ending(close - 1, close);
		if (this.tokens[open + 1] === '(') {
			const cast = this.tokens.slice(open + 2, closing(this.tokens, open + 1)).filter((t) => !BEFORE_STAR.has(t));

			if (TAGGED.has(cast[0]))
				return `${cast[0]} ${cast[1]}`;
		}
		return null;
	}

	#ofName(name, i) {
		const local = this.locals.get(name)?.findLast(({ at }) => at < i);

		return local?.type ?? this.own.variables.get(name) ?? this.view.variable(name);
	}

	#member(type, name) {
		return (this.own.types.get(type) ?? { get: () => this.view.member(type, name) }).get(name) ?? null;
	}

	#opening(j) {
		const close = this.tokens[j];
		const open = close === ')' ? '(' : '[';
		let depth = 0;

		for (; j >= 0; j--) {
			if (this.tokens[j] === close)
				depth++;
			else if (this.tokens[j] === open && --depth === 0)
				return j;
		}
		return 0;
	}
}

// Map of name to [{ at, type }]: every "struct x *a, *b" there is, wherever it stands.
function localsOf(tokens) {
	const locals = new Map();
	const add = (name, at, type) => locals.set(name, [...(locals.get(name) ?? []), { at, type }]);

	for (let i = 0; i < tokens.length - 2; i++) {
		if (!TAGGED.has(tokens[i]) || !isWord(tokens[i + 1]))
			continue;
		const type = `${tokens[i]} ${tokens[i + 1]}`;
		let j = i + 2;

		for (;;) {
			while (tokens[j] === '*' || BEFORE_STAR.has(tokens[j]))
				j++;
			if (!isWord(tokens[j] ?? '') || isWord(tokens[j + 1] ?? '') || tokens[j + 1] === '*')
				break;
			add(tokens[j], j, type);
			j = endOfDeclarator(tokens, j + 1);
			if (tokens[j] !== ',')
				break;
			j++;
		}
	}
	return locals;
}

// From behind the declared name to the "," or whatever else ends it.
function endOfDeclarator(tokens, j) {
	while (j < tokens.length && ![',', ';', ')', '}'].includes(tokens[j]))
		j = '([{'.includes(tokens[j]) ? closing(tokens, j) + 1 : j + 1;
	return j;
}
