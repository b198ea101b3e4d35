// What a C text declares at file level, from its tokens: functions, variables, types with their members,
// constants. No compiler front end: enough of C's grammar for declarations as this tree writes them.
import { isWord } from './source.mjs';

const CLOSING = { '(': ')', '[': ']', '{': '}' };
const TAGGED = new Set(['struct', 'union', 'enum']);
const QUALIFIERS = new Set([
	'const', 'volatile', 'restrict', 'static', 'extern', 'inline', 'register', '_Thread_local', '__extension__',
]);

/** The index of the bracket that closes the one at i (of the last token if none does). */
export function closing(tokens, i) {
	const open = tokens[i];
	const close = CLOSING[open];
	let depth = 0;

	for (; i < tokens.length; i++) {
		if (tokens[i] === open)
			depth++;
		else if (tokens[i] === close && --depth === 0)
			return i;
	}
	return tokens.length - 1;
}

/** Declarations of one text. Types are keyed as "struct x"; what a name stands for is such a key, or null. */
export class Declarations {
	functions = new Map(); // name: what it returns
	variables = new Map(); // name: its type
	types = new Map(); // "struct x", defined here: Map of its members with their types
	forwards = new Set(); // "struct x", of declarations "struct x;"
	typedefs = new Set();
	constants = new Set();
	statics = new Set(); // names of the above that no other file sees

	constructor(tokens) {
		for (let i = 0; i < tokens.length;)
			i = this.#statement(tokens, i, null);
	}

	/** Every name but the tags. */
	*names() {
		yield* this.functions.keys();
		yield* this.variables.keys();
		yield* this.typedefs;
		yield* this.constants;
	}

	// One statement from i on, at file level or, with members given, in a struct. Returns where the next is.
	#statement(tokens, i, members) {
		const head = []; // without the bodies of types
		let type = null;

		for (; i < tokens.length && tokens[i] !== ';'; i++) {
			if (TAGGED.has(tokens[i])) {
				({ i, type } = this.#tagged(tokens, i, members, type));
				head.push('#type');
			} else if (tokens[i] === '{') {
				const isBody = head.at(-1) !== '=' && !head.includes('=');

				i = closing(tokens, i);
				if (isBody)
					break; // of a function
			} else if (tokens[i] === '(' || tokens[i] === '[') {
				const end = closing(tokens, i);

				head.push(tokens.slice(i, end + 1));
				i = end;
			} else {
				head.push(tokens[i]);
			}
		}
		this.#declare(head, type, members);
		return i + 1;
	}

	// "struct x", with its body if there is one; i is left on the last token. A body without a name that
	// declares no member hands its members to the struct around it.
	#tagged(tokens, i, members, outer) {
		const kind = tokens[i];
		const name = isWord(tokens[i + 1] ?? '') ? tokens[++i] : null;
		const key = name && `${kind} ${name}`;

		if (tokens[i + 1] === ';' && !members && !outer)
			this.forwards.add(key);
		if (tokens[i + 1] !== '{')
			return { i, type: outer ?? key };
		const end = closing(tokens, i + 1);
		const body = tokens.slice(i + 2, end);

		if (kind === 'enum') {
			this.#enumerators(body);
			if (key)
				this.types.set(key, new Map());
		} else {
			const inner = name || tokens[end + 1] !== ';' || !members ? new Map() : members;

			if (key)
				this.types.set(key, inner);
			for (let j = 0; j < body.length;)
				j = this.#statement(body, j, inner);
		}
		return { i: end, type: key };
	}

	// A macro list may be among them, as in "enum { ROWS(X) N_ROWS }": this uses the list, and adds no name
	// to the enum.
	#enumerators(body) {
		let fresh = true;

		for (let i = 0; i < body.length; i++) {
			const isList = fresh && isWord(body[i]) && body[i + 1] === '(';

			if (fresh && isWord(body[i]) && !isList)
				this.constants.add(body[i]);
			fresh = body[i] === ',' || isList;
			if (isList)
				i++;
			if (CLOSING[body[i]])
				i = closing(body, i);
		}
	}

	#declare(head, type, members) {
		const isTypedef = head.includes('typedef');
		const isStatic = head.includes('static');
		const words = withoutAttributes(head).filter((t) => !QUALIFIERS.has(t) && t !== 'typedef');

		if (words.length < 2)
			return; // "struct x;", or nothing
		for (const declarator of split(words)) {
			const { name, isFunction } = nameOf(declarator);

			if (!name || name === '#type' || name.startsWith('_Static_assert'))
				continue;
			if (members)
				members.set(name, type);
			else if (isTypedef)
				this.typedefs.add(name);
			else if (isFunction)
				this.functions.set(name, type);
			else
				this.variables.set(name, type);
			if (isStatic)
				this.statics.add(name);
		}
	}
}

function withoutAttributes(head) {
	return head.filter((t, i) => t !== '__attribute__' && head[i - 1] !== '__attribute__' && t !== '*');
}

// The declarators of one statement: what stands between commas, without initial values.
function split(words) {
	const list = [[]];
	let value = false;

	for (const word of words) {
		if (word === ',') {
			list.push([]);
			value = false;
		} else if (word === '=' || word === ':') {
			value = true;
		} else if (!value) {
			list.at(-1).push(word);
		}
	}
	return list;
}

// The name that a declarator declares: "x", "x[3]", "f(…)", "(*x)(…)".
function nameOf(declarator) {
	const first = declarator.findIndex(Array.isArray);
	const group = declarator[first];

	if (group?.[0] === '(' && group[1] === '*' && Array.isArray(declarator[first + 1]))
		return { name: group.slice(1, -1).find((t) => isWord(t) && !QUALIFIERS.has(t)), isFunction: false };
	const name = (first === -1 ? declarator : declarator.slice(0, first)).at(-1);

	return { name: isWord(name ?? '') ? name : null, isFunction: group?.[0] === '(' };
}
