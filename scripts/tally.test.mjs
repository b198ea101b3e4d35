import assert from 'node:assert/strict';
import { test } from 'node:test';
import { summarize, tallyMeson, tallyTap } from './tally.mjs';

function count(leaves) {
	const n = { passed: 0, failed: 0, skipped: 0 };

	for (const leaf of leaves)
		n[leaf.state]++;
	return [n.passed, n.failed, n.skipped];
}

const program = (stdout, result = 'OK', returncode = 0) =>
	JSON.stringify({ name: 'p', stdout, stderr: '', result, returncode });

test('single tests are counted, not the files and groups around them', () => {
	const tap = `TAP version 13
# Subtest: /x/a.mjs
    # Subtest: group
        # Subtest: one
        ok 1 - one
          ---
          duration_ms: 1
          ...
        # Subtest: two
        not ok 2 - two
          ---
          error: |-
            ok 7 - said within a message
          ...
        1..2
    not ok 1 - group
    # Subtest: three
    ok 2 - three # SKIP no root
    1..2
not ok 1 - /x/a.mjs
1..1
`;
	assert.deepEqual(count(tallyTap(tap)), [1, 1, 1]);
});

test('a failing group whose tests pass is one failure', () => {
	const tap = '    ok 1 - one\n    1..1\nnot ok 1 - group\n1..1\n';

	assert.deepEqual(count(tallyTap(tap)), [1, 1, 0]);
});

test('a file without a test is a failure', () => {
	assert.deepEqual(count(tallyTap('ok 1 - /x/a.mjs\n1..1\n')), [0, 1, 0]);
	assert.deepEqual(count(tallyTap('')), [0, 1, 0]);
});

test('a run that stopped half-way is a failure', () => {
	assert.deepEqual(count(tallyTap('ok 1 - one\n')), [1, 1, 0]);
});

test('the functions of a C test are counted', () => {
	const log = `${program('1..2\nok 1 - a\nok 2 - b\n')}\n${program('1..1\nok 1 - c\n')}\n`;

	assert.deepEqual(count(tallyMeson(log)), [3, 0, 0]);
});

test('a C test that fails is counted once, and skipping is told from failing', () => {
	const log = program('1..3\nok 1 - a\nnot ok 2 - b\nnot ok 3 # SKIP c\n', 'FAIL', 1);

	assert.deepEqual(count(tallyMeson(log)), [1, 1, 1]);
});

test('a C test that crashes, leaks or hangs after its last good result is a failure', () => {
	assert.deepEqual(count(tallyMeson(program('1..2\nok 1 - a\n', 'FAIL', -11))), [1, 1, 0]);
	assert.deepEqual(count(tallyMeson(program('1..1\nok 1 - a\n', 'FAIL', 1))), [1, 1, 0]);
	assert.deepEqual(count(tallyMeson(program('1..1\nok 1 - a\n', 'TIMEOUT', -9))), [1, 1, 0]);
});

test('a C test that stops early with a good exit code is a failure', () => {
	assert.deepEqual(count(tallyMeson(program('1..3\nok 1 - a\n'))), [1, 1, 0]);
	assert.deepEqual(count(tallyMeson(program(''))), [0, 1, 0]);
	assert.deepEqual(count(tallyMeson('')), [0, 1, 0]);
});

test('every failed test is named on a line of its own, and a skipped one is among them', () => {
	const log = program('1..3\nok 1 - a\nnot ok 2 - b\nnot ok 3 # SKIP c\n', 'FAIL', 1);
	const sum = summarize(tallyMeson(log));

	assert.deepEqual([sum.passed, sum.failed, sum.skipped], [1, 2, 0]);
	assert.deepEqual(sum.names, ['p: b', 'p: # SKIP c: skipped']);
	assert.equal(sum.outputs.size, 1);
});
