// Include what you use: a file includes directly each header of ours that declares what it uses, and no other.
// A pointer's type only has to be declared: a header says "struct x;" itself, or includes what says so; in a .c
// file the header that the pointer comes from has done so.
import { Declarations } from './declarations.mjs';
import { usesOf } from './uses.mjs';

/** What the header that belongs to a .c file is called. */
export const ownHeader = (file) => file.replace(/\.c$/, '.h');

/** Everything that all headers of ours declare, and what a file sees of it. */
export class Includes {
	#closures = new Map();
	#types = new Set(); // that are defined anywhere, in headers or not

	constructor(tree, index, files) {
		this.tree = tree;
		this.index = index; // header: { declarations, macros }
		for (const file of files) {
			for (const type of new Declarations(tree.source(file).tokens).types.keys())
				this.#types.add(type);
		}
		for (const { declarations } of index.values())
			[...declarations.types.keys()].forEach((type) => this.#types.add(type));
	}

	/** The headers that a file includes itself. */
	direct(file) {
		return this.tree.source(file).includes.map((include) => include.file).filter((f) => this.index.has(f));
	}

	/** The headers that it sees, through others as well. */
	closure(file) {
		if (!this.#closures.has(file)) {
			const seen = new Set();
			const visit = (f) => {
				for (const header of this.direct(f).filter((h) => !seen.has(h))) {
					seen.add(header);
					visit(header);
				}
			};

			visit(file);
			seen.delete(file);
			this.#closures.set(file, seen);
		}
		return this.#closures.get(file);
	}

	/** The includes that one file lacks and those that it does not need, as
	 *  { missing: [{ header, what, line }], unused: [{ header, line }] }.
	 *  A missing header that is null has to be a forward declaration of `what`. */
	check(file) {
		const seen = [...this.closure(file)].map((header) => ({ header, ...this.index.get(header) }));
		const uses = usesOf(this.tree.source(file), viewOf(seen));
		const direct = new Set(this.direct(file));
		const used = new Set();
		const missing = [];
		const need = (headers, what, line) => {
			const had = headers.filter((header) => direct.has(header));

			had.forEach((header) => used.add(header));
			if (had.length === 0 && headers.length > 0)
				missing.push({ header: headers[0], what, line });
		};

		for (const [name, line] of uses.names) {
			if (!isOwn(uses, name))
				need(seen.filter((s) => declares(s, name)).map((s) => s.header), name, line);
		}
		for (const [type, line] of uses.whole) {
			if (!uses.own.types.has(type))
				need(seen.filter((s) => s.declarations.types.has(type)).map((s) => s.header), type, line);
		}
		this.#pointers(uses, seen, direct, used);
		if (file.endsWith('.h'))
			this.#forwards(uses, seen, direct, missing);
		return {
			missing: oneEach(missing),
			unused: this.tree.source(file).includes.filter(({ file: header }) => this.index.has(header) &&
				!used.has(header) && header !== ownHeader(file) && !this.#touched(header, uses)),
		};
	}

	// A type that is used only by pointer justifies an include that is there, but does not demand one.
	#pointers(uses, seen, direct, used) {
		for (const { header, declarations } of seen.filter((s) => direct.has(s.header))) {
			for (const type of uses.pointers.keys()) {
				if (declarations.types.has(type) && !uses.own.types.has(type))
					used.add(header);
			}
		}
	}

	#forwards(uses, seen, direct, missing) {
		const known = new Set([...uses.own.forwards, ...uses.own.types.keys()]);

		for (const { declarations } of seen.filter((s) => direct.has(s.header)))
			[...declarations.forwards, ...declarations.types.keys()].forEach((type) => known.add(type));
		for (const [type, line] of uses.pointers) {
			if (!known.has(type) && this.#types.has(type))
				missing.push({ header: null, what: type, line });
		}
	}

	// Whether a member of an unknown type may belong to one of this header's types.
	#touched(header, uses) {
		return [...this.index.get(header).declarations.types.values()].some((members) =>
			[...members.keys()].some((name) => uses.members.has(name)));
	}
}

const isOwn = (uses, name) => uses.macros.has(name) || uses.own.statics.has(name) || uses.own.constants.has(name) ||
	uses.own.typedefs.has(name);

function declares({ declarations, macros }, name) {
	return declarations.functions.has(name) || declarations.variables.has(name) || declarations.constants.has(name) ||
		declarations.typedefs.has(name) || macros.has(name);
}

function viewOf(seen) {
	const find = (get) => {
		for (const { declarations } of seen) {
			const type = get(declarations);

			if (type)
				return type;
		}
		return null;
	};

	return {
		member: (type, name) => find((d) => d.types.get(type)?.get(name)),
		function: (name) => find((d) => d.functions.get(name) ?? d.variables.get(name)),
		variable: (name) => find((d) => d.variables.get(name)),
	};
}

function oneEach(missing) {
	const seen = new Set();

	return missing.filter(({ header, what }) => {
		const key = header ?? what;
		const isNew = !seen.has(key);

		seen.add(key);
		return isNew;
	});
}
