// The parts of check-layers that read C. scripts/check-layers --self-test breaks each of its rules.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Declarations } from './declarations.mjs';
import { fixText } from './fix.mjs';
import { circlesOf } from './objects.mjs';
import { tokenize } from './source.mjs';
import { usesOf } from './uses.mjs';

const declare = (text) => new Declarations(tokenize(text).tokens);
const nothing = { member: () => null, function: () => null, variable: () => null };
const use = (text, view = nothing) => usesOf(tokenize(text), view);

test('comments and strings hold no names', () => {
	const { names } = use('int x = y; /* a */ // b\nchar *s = "c" "d\\"e"; char t = \'f\';');

	assert.deepEqual([...names.keys()].filter((n) => n.length === 1), ['x', 'y', 's', 't']);
});

test('a declaration is read in all its forms', () => {
	const d = declare(`
		struct opaque;
		typedef int (*handler)(void *magic);
		typedef void action(int);
		action do_this, do_that;
		enum { ONE = 1, TWO = F(1, 2), THREE };
		struct node { struct node *next; union { int a; struct { int b[3], *c; }; }; int (*call)(int x); unsigned d : 3; };
		extern const struct node nodes[];
		struct node *node_new(const char *name, struct other *o) __attribute__((nonnull(1)));
		static inline int node_count(void) { int inner = 1; return inner; }
		static struct node *first, *last = NULL;
	`);

	assert.deepEqual([...d.forwards], ['struct opaque']);
	assert.deepEqual([...d.typedefs], ['handler', 'action']);
	assert.deepEqual([...d.constants], ['ONE', 'TWO', 'THREE']);
	assert.deepEqual([...d.types.get('struct node').keys()], ['next', 'a', 'b', 'c', 'call', 'd']);
	assert.deepEqual([...d.functions], [['node_new', 'struct node'], ['node_count', null]]);
	assert.deepEqual([...d.variables.keys()], ['do_this', 'do_that', 'nodes', 'first', 'last']);
	assert.ok(d.statics.has('node_count') && d.statics.has('last') && !d.statics.has('nodes'));
});

test('a pointer needs less than an object', () => {
	const { pointers, whole } = use('struct a *f(const struct b *b, struct c c, enum d d); struct e;');

	assert.deepEqual([...pointers.keys()], ['struct a', 'struct b']);
	assert.deepEqual([...whole.keys()], ['struct c', 'enum d']);
});

test('a member shows which type has to be known', () => {
	const view = {
		member: (type, name) => ({ 'struct a b': 'struct b' })[`${type} ${name}`] ?? null,
		function: (name) => (name === 'get' ? 'struct c' : null),
		variable: () => null,
	};
	const { whole, members } = use(`
		void f(struct a *p, void *q)
		{
			p->b->x = 1;
			get(1, (2))->y[3].z = 2;
			((struct d *)q)->w = 3;
			other(q)->v = (struct e){ .u = 4 };
		}`, view);

	assert.deepEqual([...whole.keys()], ['struct a', 'struct b', 'struct c', 'struct d', 'struct e']);
	assert.deepEqual([...members], ['z', 'v']);
});

test('a macro uses what its text names, but not its parameters', () => {
	const { names, macros } = use('#define CALL(list, n) \\\n\tlist_call(list, n)\n');

	assert.deepEqual([...names.keys()], ['list_call']);
	assert.deepEqual([...macros], ['CALL']);
});

test('includes go where others of their kind are', () => {
	const text = '/*\n * X\n */\n#include "mcxd/x.h"\n\n#include "b.h"\n#include "d.h"\n\n#include <errno.h>\n\nint x;\n';
	const change = { add: ['"c.h"', '<stdio.h>'], remove: ['d.h'], types: ['struct y'] };

	assert.equal(fixText('mcxd/x.c', text, change), '/*\n * X\n */\n#include "mcxd/x.h"\n\n' +
		'#include "b.h"\n#include "c.h"\n\n#include <errno.h>\n#include <stdio.h>\n\nstruct y;\n\nint x;\n');
});

test('includes find a place where there is none yet', () => {
	assert.equal(fixText('a.h', '/*\n */\n#pragma once\n\nint x;\n', { add: ['"b.h"'], remove: [], types: [] }),
		'/*\n */\n#pragma once\n\n#include "b.h"\n\nint x;\n');
	assert.equal(fixText('d/a.c', '#include "d/a.h"\n\nint x;\n', { add: ['"b.h"'], remove: [], types: [] }),
		'#include "d/a.h"\n\n#include "b.h"\n\nint x;\n');
	assert.equal(fixText('d/a.c', '/* a */\nint x;\n', { add: ['"b.h"'], remove: [], types: [] }),
		'/* a */\n#include "b.h"\n\nint x;\n');
});

test('circles are found, whatever leads into them', () => {
	const links = new Map(Object.entries({ a: 'b', b: 'cd', c: 'b', d: 'e', e: '' })
		.map(([from, to]) => [from, new Map([...to].map((t) => [t, new Set(['f'])]))]));

	assert.deepEqual(circlesOf(new Set('abcde'), links), [['b', 'c']]);
});
