// A daemon that cannot start says why in a sentence on standard error, with the file and the line if there are
// any. Its exit status is 2 for settings, 1 for everything else.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { PATIENCE_MS, binary } from '../lab.mjs';

const mcxd = binary('mcxd');

function inFolder(title, body) {
	test(title, () => {
		const folder = mkdtempSync(path.join(os.tmpdir(), 'mcxd-start-'));
		const run = (args, command = mcxd) => spawnSync(command, args,
			{ cwd: folder, encoding: 'utf8', timeout: PATIENCE_MS });

		try {
			body({
				run,
				write: (name, text) => writeFileSync(path.join(folder, name), text),
				make: (name) => mkdirSync(path.join(folder, name)),
				refused: (status, pattern, args, command) => {
					const result = run(args, command);

					assert.equal(result.status, status, `${args.join(' ')}: ${result.stderr}`);
					assert.match(result.stderr, pattern);
					assert.equal(result.stdout, '');
				},
			});
		} finally {
			rmSync(folder, { recursive: true });
		}
	});
}

inFolder('wrong settings are refused with file and line', ({ write, make, refused }) => {
	const rows = [
		['[sip]\nudp = 5060\n', /^mcxd: lab\.ini:2: sip\.udp: expected an address and a port/m],
		['[sip]\nudp = 127.0.0.1:1\n\nudp = 127.0.0.1:2\n',
			/^mcxd: lab\.ini:4: udp was already set in line 2$/m],
		['[kitchen]\n', /^mcxd: lab\.ini:1: \[kitchen\]: unknown section$/m],
		['[edge]\nmax_mesage = 1k\n',
			/^mcxd: lab\.ini:2: edge\.max_mesage: unknown setting; did you mean edge\.max_message\?$/m],
		['[net]\nmax_message = 1\n', /^mcxd: lab\.ini:2: net\.max_message: must be 1k to 1G$/m],
		['[users]\nfile = nobody.ini\n',
			/^mcxd: lab\.ini:2: users\.file: cannot read nobody\.ini: No such file or directory$/m],
		['[users]\nfile = folder\n', /^mcxd: lab\.ini:2: users\.file: cannot read folder: Is a directory$/m],
		['[clearing_house]\nca_file = none.pem\n',
			/^mcxd: lab\.ini:2: clearing_house\.ca_file: cannot read none\.pem: No such file/m],
		['[hosts]\nedge.lab.test = nowhere\n',
			/^mcxd: lab\.ini:2: hosts\.edge\.lab\.test: expected a numeric address without a port/m],
		['[hosts]\na..b = 127.0.0.1\n', /^mcxd: lab\.ini:2: hosts\.a\.\.b: not a host name/m],
		['[hosts]\nedge = 127.0.0.1\nEdge = 127.0.0.2\n', /^mcxd: lab\.ini:3: Edge was already set in line 2$/m],
		['nonsense\n', /^mcxd: lab\.ini:1: neither "\[section\]" nor "key = value"$/m],
	];

	make('folder');
	for (const [text, pattern] of rows) {
		write('lab.ini', text);
		refused(2, pattern, ['-c', 'lab.ini', '--dump']);
	}
	refused(2, /^mcxd: none\.ini: No such file or directory$/m, ['-c', 'none.ini']);
	refused(2, /^mcxd: folder: Is a directory$/m, ['-c', 'folder']);
	refused(2, /^mcxd: core\.invite_timeout: "soon" is not a time/m, ['--set', 'core.invite_timeout=soon']);
	refused(2, /^mcxd: users\.file: cannot read folder: Is a directory$/m, ['--set', 'users.file=folder']);
	refused(2, /^mcxd: log\.level: unknown room "kitchen"; rooms are /m, ['--set', 'log.level=kitchen=info']);
	refused(2, /^mcxd: push_service\.listen: must not be empty; to leave the role out, use --roles$/m,
		['--set', 'push_service.listen=']);
	refused(2, /^mcxd: --roles: unknown role "cook"; roles are front-end, /m, ['--roles', 'front-end,cook']);
	for (const target of ['', 'foo', 'sip:', 'sip:x', 'tel:1'])
		refused(2, /^mcxd: push\.target: expected a SIP URI with a user part, [^\n]*\n$/,
			['--ephemeral', '--any-port', '--set', `push.target=${target}`]);
	refused(2, /^mcxd: clearing_house\.ca_file: \/dev\/null holds no certificate in PEM format\n$/,
		['--set', 'clearing_house.ca_file=/dev/null']);
	refused(2, /^mcxd: core\.min_expires \(60s\) must not be longer than core\.max_expires \(30s\)\n$/,
		['--set', 'core.max_expires=30s']);
});

inFolder('a next hop must be an address or a name in [hosts]', ({ run, refused }) => {
	const hop = ['--set', 'edge.next_hop=sip:push.lync.com:5081;transport=tls'];

	refused(2, /^mcxd: edge\.next_hop: the name push\.lync\.com is not in \[hosts\]; add push\.lync\.com = ADDRESS/,
		['--ephemeral', '--any-port', ...hop]);
	refused(2, /^mcxd: push\.next_hop: the name edge is not in \[hosts\]/,
		['--set', 'push.next_hop=sip:edge', '--set', 'hosts.edge.lab.test=127.0.0.1']);
	assert.match(run([...hop, '--set', 'hosts.push.lync.com=127.0.0.1', '--dump']).stdout,
		/\[hosts\]\n# [^\n]*\npush\.lync\.com = 127\.0\.0\.1\n/);
});

inFolder('a wrong command line is refused in one line', ({ refused }) => {
	for (const [reason, ...args] of [
		['unknown option "--nope"', '--nope'],
		['unknown option "--nope=1"', '--nope=1'],
		['unknown option "-x"', '-xc'],
		['--set needs a value', '--set'],
		['-c needs a value', '-c'],
		['"--dump=1" takes no value', '--dump=1'],
		['unexpected argument "start"', 'start'],
		['unexpected argument "x"', '--settings', 'x'],
	])
		refused(2, new RegExp(`^mcxd: ${reason}; see mcxd --help\\n$`), args);
	refused(2, /^mcxd: --settings and --dump exclude each other\n$/, ['--dump', '--settings']);
	refused(2, /^mcxd: foo: expected section\.key=value\n$/, ['--set', 'foo']);
});

inFolder('what is missing at start is named', ({ write, make, refused }) => {
	const start = (...args) => ['--any-port', '--state', 'state', ...args];

	write('regular', '');
	make('state');
	refused(1, /edge: all of its SIP listeners are switched off; to leave the role out, use --roles$/m,
		start('--set', 'edge.tcp=', '--set', 'edge.tls='));
	for (const [given, missing] of [['cert_file', 'key_file'], ['key_file', 'cert_file']])
		for (const section of ['sip', 'edge', 'clearing_house'])
			refused(2, new RegExp(`^mcxd: ${section}\\.cert_file and ${section}\\.key_file must be set together: `
				+ `${section}\\.${missing} is empty\n$`), start('--set', `${section}.${given}=regular`));
	refused(2, /^mcxd: pki\.ca_cert and pki\.ca_key must be set together: pki\.ca_cert is empty\n$/,
		start('--set', 'pki.ca_key=regular'));
	write('ca.pem', '-----BEGIN CERTIFICATE-----\n');
	refused(2, /^mcxd: pki\.ca_cert and pki\.ca_key must be set together: pki\.ca_key is empty\n$/,
		start('--set', 'pki.ca_cert=ca.pem'));
	refused(1, /regular/m, start('--set', 'sip.cert_file=regular', '--set', 'sip.key_file=regular'));
	refused(1, /cannot create the state directory regular\/state: Not a directory/,
		['--any-port', '--state', 'regular/state']);
	refused(1, /cannot create the state directory regular: Not a directory/,
		['--any-port', '--state', 'regular']);
	refused(1, /cannot write the ready file regular\/ready: Not a directory/,
		start('--ready-file', 'regular/ready'));
	refused(1, /edge\.next_hop is not set and no clearing house runs in this process/,
		start('--roles', 'edge'));
	write('users.ini', '[user bob@lab.test]\npassword = a\npassword = b\n[user nobody]\n[group all]\n');
	refused(1, /users\.ini:3: password was already set in line 2\n.*users\.ini:4: "nobody" is not an address/,
		start('--set', 'users.file=users.ini'));
	refused(1, /net\.max_connections is 20000, but this process may open only 30 files[^]*Too many open files/,
		['-c', `ulimit -n 30; exec "${mcxd}" ${start().join(' ')}`], 'sh');
	// Wherever the descriptors run out.
	for (const n of [5, 7, 9, 10, 12, 15, 16, 18, 20, 25])
		refused(1, /^[^ ]+ error [^\n]*: (Too many open files|Error while reading file\.)$/m,
			['-c', `ulimit -n ${n}; exec "${mcxd}" ${start().join(' ')}`], 'sh');
	refused(1, /https\.max_connections is 30000, but this process may open only 30 files/,
		['-c', `ulimit -n 30; exec "${mcxd}" ${start('--set', 'https.max_connections=30000').join(' ')}`], 'sh');
});

inFolder('a semicolon within a value does not begin a comment', ({ run, write }) => {
	write('lab.ini', '; a comment\n# another\n[https]\nnames = a ;b # c \n');
	assert.match(run(['-c', 'lab.ini', '--dump']).stdout, /^names = a ;b # c$/m);
});

inFolder('a dump can be loaded, and gives the same dump', ({ run, write }) => {
	const first = run(['--set', 'edge.max_message=2k', '--set', 'https.names= a ;"b" ',
		'--set', 'hosts.Edge.lab.test=::1', '--dump']);

	assert.match(first.stdout, /\[edge\][^[]*^max_message = 2k$/m);
	write('dump.ini', first.stdout);
	const second = run(['-c', 'dump.ini', '--dump']);

	assert.equal(second.stderr, '');
	assert.equal(second.stdout, first.stdout);
});
