// A daemon that cannot start says why in a sentence on standard error, with the file and the line if there are
// any. Its exit status is 2 for settings, 1 for everything else.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { PATIENCE_MS, binary } from '../lab.mjs';

const mcxd = binary('mcxd');

function inFolder(title, body) {
	test(title, () => {
		const folder = mkdtempSync(path.join(os.tmpdir(), 'mcxd-start-'));
		const run = (args, env = {}, command = mcxd) => spawnSync(command, args,
			{ cwd: folder, encoding: 'utf8', timeout: PATIENCE_MS, env: { ...process.env, ...env } });

		try {
			body({
				folder,
				run,
				write: (name, text) => writeFileSync(path.join(folder, name), text),
				make: (name) => mkdirSync(path.join(folder, name)),
				read: (name) => readFileSync(path.join(folder, name)),
				refused: (status, pattern, args, env, command) => {
					const result = run(args, env, command);

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
	refused(2, /^mcxd: clearing_house\.ca_file: no certificate in \/dev\/null\n$/,
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

inFolder('a next hop must have a transport that its role can send by', ({ run, refused }) => {
	const hop = (setting, more) => ['--any-port', '--set', `${setting}.next_hop=sip${more}`];

	for (const setting of ['edge', 'push']) {
		for (const more of [':127.0.0.1;transport=ws', ':127.0.0.1;transport=sctp', ':127.0.0.1;transport=', ':127.0.0.1;transport',
			':127.0.0.1;transport=tls-over-something-long', 's:127.0.0.1;transport=udp', 's:127.0.0.1;transport=ws'])
			refused(2, new RegExp(`^mcxd: ${setting}\\.next_hop: cannot send by the transport of [^\n]*; expected [^\n]*\n$`),
				[...hop(setting, more), '--dump']);
		for (const more of [':127.0.0.1', ':127.0.0.1;transport=tcp', ':127.0.0.1;transport=TLS', 's:127.0.0.1', 's:127.0.0.1;transport=tcp'])
			assert.equal(run([...hop(setting, more), '--dump']).stderr, '');
	}
	// The Edge has no listener for UDP, and the front end has one only if it is told so.
	assert.equal(run([...hop('push', ':127.0.0.1;transport=udp'), '--dump']).stderr, '');
	refused(2, /; expected tcp or tls\n$/, [...hop('push', ':127.0.0.1;transport=udp'), '--set', 'sip.udp=', '--dump']);
	refused(2, /; expected tcp or tls\n$/, [...hop('edge', ':127.0.0.1;transport=udp'), '--dump']);
});

inFolder('--any-port gives every listener an address, but for those that are set otherwise', ({ run }) => {
	const off = ['edge.tcp=', 'clearing_house.tcp=', 'http.listen='].flatMap((set) => ['--set', set]);
	const listeners = (args) => run([...args, '--dump']).stdout.match(/^(udp|tcp|tls|listen) = .*$/gm);

	assert.ok(listeners(['--any-port']).every((line) => line.endsWith(' = 127.0.0.1:0')));
	for (const args of [['--any-port', ...off], [...off, '--any-port']]) {
		const { stdout } = run([...args, '--dump']);

		for (const [section, key] of [['edge', 'tcp'], ['clearing_house', 'tcp'], ['http', 'listen']])
			assert.match(stdout, new RegExp(`^\\[${section}\\]\n[^[]*^${key} = ?$`, 'm'));
		assert.match(stdout, /^\[edge\]\n[^[]*^tls = 127\.0\.0\.1:0$/m);
	}
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
	refused(2, /^mcxd: --settings, --dump and --check exclude each other\n$/, ['--dump', '--settings']);
	refused(2, /^mcxd: foo: expected section\.key=value\n$/, ['--set', 'foo']);
});

inFolder('what is missing at start is named', ({ write, make, refused }) => {
	const start = (...args) => ['--any-port', '--state', 'state', ...args];

	write('regular', '');
	make('state');
	refused(1, /edge: all of its SIP listeners are switched off; to leave the role out, use --roles$/m,
		start('--set', 'edge.tcp=', '--set', 'edge.tls='));
	refused(1, /cannot create the state directory regular\/state: Not a directory/,
		['--any-port', '--state', 'regular/state']);
	refused(1, /cannot create the state directory regular: Not a directory/,
		['--any-port', '--state', 'regular']);
	refused(1, /cannot write the ready file regular\/ready: Not a directory/,
		start('--ready-file', 'regular/ready'));
	refused(1, /neither edge\.next_hop nor a route in \[federation\] is set, and no clearing house runs in this process/,
		start('--roles', 'edge'));
	write('users.ini', '[user bob@lab.test]\npassword = a\npassword = b\n[user nobody]\n[group all]\n');
	refused(1, /users\.ini:3: password was already set in line 2\n.*users\.ini:4: "nobody" is not an address/,
		start('--set', 'users.file=users.ini'));
	refused(1, /net\.max_connections is 20000, but this process may open only 30 files[^]*Too many open files/,
		['-c', `ulimit -n 30; exec "${mcxd}" ${start().join(' ')}`], {}, 'sh');
	// Wherever the descriptors run out.
	for (const n of [5, 7, 9, 10, 12, 15, 16, 18, 20, 25])
		refused(1, /^[^ ]+ error [^\n]*: (Too many open files|Error while reading file\.)$/m,
			['-c', `ulimit -n ${n}; exec "${mcxd}" ${start().join(' ')}`], {}, 'sh');
	refused(1, /https\.max_connections is 30000, but this process may open only 30 files/,
		['-c', `ulimit -n 30; exec "${mcxd}" ${start('--set', 'https.max_connections=30000').join(' ')}`], {}, 'sh');
});

// What openssl writes when it is asked for a password: a block of another kind, or headers in the block.
const encrypted = [
	{ type: 'pkcs8', format: 'pem', cipher: 'aes-128-cbc', passphrase: 'secret' },
	{ type: 'sec1', format: 'pem', cipher: 'aes-128-cbc', passphrase: 'secret' },
];

inFolder('keys and certificates that are of no use are refused, and nobody is asked for a password', ({ write, read, refused }) => {
	const pairs = [
		['sip.cert_file', 'sip.key_file', 'server'],
		['edge.cert_file', 'edge.key_file', 'edge'],
		['clearing_house.cert_file', 'clearing_house.key_file', 'clearing_house'],
		['pki.ca_cert', 'pki.ca_key', 'ca'],
	];

	write('regular', '');
	// It makes its certificates and goes no further.
	refused(1, /cannot write the ready file/, ['--any-port', '--state', 'made', '--ready-file', 'regular/ready']);
	for (const [certSetting, keySetting, name] of pairs) {
		const [cert, key] = [`made/${name}.pem`, `made/${name}.key`];
		const together = `${certSetting} and ${keySetting} must be set together`;
		const rows = [
			[cert, '', `${together}: ${keySetting} is empty`],
			['', key, `${together}: ${certSetting} is empty`],
			['regular', key, `${certSetting}: no certificate in regular`],
			[cert, 'regular', `${keySetting}: no private key in regular`],
			[key, key, `${certSetting}: no certificate in ${key}, which holds a private key`],
			[cert, cert, `${keySetting}: no private key in ${cert}, which holds a certificate`],
			[cert, 'other.key', `${certSetting}: other.key: the key does not belong to the certificate in ${cert}`],
			...encrypted.map((how) => [cert, `${how.type}.key`, `${keySetting}: ${how.type}.key: the key is encrypted`]),
		];

		write('other.key', read(`made/${name === 'ca' ? 'edge' : 'ca'}.key`));
		for (const how of encrypted)
			write(`${how.type}.key`, createPrivateKey(read(key)).export(how));
		for (const [certFile, keyFile, words] of rows) {
			refused(2, new RegExp(`^mcxd: ${words.replaceAll('.', '\\.')}[^\n]*\n$`), ['--any-port', '--state', 'made',
				'--set', `${certSetting}=${certFile}`, '--set', `${keySetting}=${keyFile}`]);
		}
	}
	refused(2, /^mcxd: pki\.ca_cert: made\/edge\.pem: the certificate is not that of an authority [^\n]*\n$/,
		['--any-port', '--ephemeral', '--set', 'pki.ca_cert=made/edge.pem', '--set', 'pki.ca_key=made/edge.key']);
	refused(2, /^mcxd: pki\.trust: no certificate in regular\n$/, ['--set', 'pki.trust=made/ca.pem regular']);
});

inFolder('the lab API is not opened to other machines by mistake', ({ refused, run, write }) => {
	const why = /^mcxd: lab\.listen: other machines can reach [^\n]*; set lab\.https=yes and lab\.token_file, or [^\n]*\n$/;
	const at = (listen, ...more) => [`lab.listen=${listen}`, ...more].flatMap((set) => ['--set', set]);

	write('token', '0123456789abcdef\n');
	for (const listen of ['0.0.0.0:0', '[::]:0', '192.0.2.1:0', '[::ffff:192.0.2.1]:0', '[2001:db8::1]:0']) {
		refused(2, why, at(listen));
		refused(2, why, at(listen, 'lab.https=yes'));
		refused(2, why, at(listen, 'lab.token_file=token'));
		assert.equal(run([...at(listen, 'lab.https=yes', 'lab.token_file=token'), '--dump']).stderr, '');
	}
	for (const listen of ['127.0.0.1:0', '127.1.2.3:0', '[::1]:0', '[::ffff:127.0.0.1]:0', ''])
		assert.equal(run([...at(listen), '--dump']).stderr, '');
	for (const text of ['', '0123456789abcde\n', '0123456789abcdef 0\n', '0123456789abcdef\n0123\n', 'ä'.repeat(16), '0'.repeat(600)]) {
		write('wrong', text);
		refused(2, /^mcxd: lab\.token_file: wrong must have one line of 16 to [^\n]*\n$/, at('127.0.0.1:0', 'lab.token_file=wrong'));
	}
	refused(2, /^mcxd: lab\.token_file: cannot read nowhere: [^\n]*\n$/, at('127.0.0.1:0', 'lab.token_file=nowhere'));
	assert.ok(!run([...at('127.0.0.1:0', 'lab.token_file=token'), '--dump']).stdout.includes('0123456789abcdef'));
});

inFolder('SIP is not opened to other machines without authentication by mistake', ({ refused, run }) => {
	const at = (...all) => all.flatMap((set) => ['--set', set]);
	const cures = {
		'sip.udp': 'sip.udp_authentication=digest', 'sip.tcp': 'sip.tcp_authentication=ntlm', 'sip.tls': 'sip.tls_authentication=digest',
		'edge.tcp': 'net.trust_network=yes', 'clearing_house.tcp': 'net.trust_network=yes',
	};

	for (const [name, cure] of Object.entries(cures)) {
		for (const listen of ['0.0.0.0:0', '[::]:0', '192.0.2.1:0']) {
			refused(2, new RegExp(`^mcxd: ${name.replace('.', '\\.')}: other machines can reach [^\n]*authentication[^\n]*, or net\\.trust_network = yes\n$`),
				at(`${name}=${listen}`));
			for (const set of [cure, 'net.trust_network=yes'])
				assert.equal(run([...at(`${name}=${listen}`, set), '--dump']).stderr, '');
		}
		for (const listen of ['127.1.2.3:0', '[::1]:0', ''])
			assert.equal(run([...at(`${name}=${listen}`), '--dump']).stderr, '');
	}

	const upstream = ['upstream.registrar=sip:192.0.2.1;transport=tcp', 'upstream.listen=0.0.0.0:0'];

	refused(2, /^mcxd: upstream\.listen: other machines can reach [^\n]*; set sip\.tcp_authentication = digest, with the registrar's address in sip\.trusted_peers, or net\.trust_network = yes\n$/, at(...upstream));
	for (const set of ['sip.tcp_authentication=digest', 'net.trust_network=yes'])
		assert.equal(run([...at(...upstream, set), '--dump']).stderr, '');
	// The listeners that it does not open are no matter.
	assert.equal(run([...at(upstream[0], 'sip.udp=0.0.0.0:0'), '--dump']).stderr, '');
});

inFolder('a key log that cannot be written is not said to be written', ({ refused }) => {
	for (const keyLog of ['/nonexistent/x', '/'])
		refused(1, new RegExp(`^[^\\n]* SSLKEYLOGFILE: cannot write ${keyLog}: [^\\n]*\\n$`), ['--any-port', '--ephemeral'],
			{ SSLKEYLOGFILE: keyLog });
});

inFolder('a start that fails leaves no ephemeral directory', ({ folder, make, write, refused }) => {
	make('empty');
	write('regular', '');
	for (const [reason, ...args] of [
		[/cannot write the ready file/, '--ready-file', 'regular/ready'],
		[/neither edge\.next_hop nor a route/, '--roles', 'edge'],
		[/all of its SIP listeners are switched off/, '--set', 'edge.tcp=', '--set', 'edge.tls='],
	]) {
		refused(1, reason, ['--any-port', '--ephemeral', ...args], { TMPDIR: path.join(folder, 'empty') });
		assert.deepEqual(readdirSync(path.join(folder, 'empty')), []);
	}
});

inFolder('a list of names for certificates has names and addresses alone', ({ run, refused }) => {
	for (const section of ['sip', 'edge', 'clearing_house']) {
		for (const word of ['*.lab.test', 'a;;b', ';;', 'fe.lab.test;edge.lab.test', '*', 'sip:fe.lab.test', '127.0.0.1:5061'])
			refused(2, new RegExp(`^mcxd: ${section}\\.tls_allow: "[^"]*" is neither a host name nor an address; [^\n]*\n$`),
				['--set', `${section}.tls_allow=ok.lab.test ${word}`]);
		assert.equal(run(['--set', `${section}.tls_allow=fe.lab.test,127.0.0.1 [::1] 2001:db8::7, fe_2`, '--dump']).status, 0);
	}
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

// What each line of this output is, each of which has to be an object.
function objects(text) {
	return text.trim().split('\n').filter(Boolean).map((line) => {
		const value = JSON.parse(line);

		assert.equal(typeof value, 'object', line);
		return value;
	});
}

inFolder('with log.format = json everything that a daemon writes is an object a line', ({ run, write }) => {
	write('lab.ini', '[log]\nformat = json\n[sip]\nudp = 5060\n[kitchen]\n');
	const rows = [
		[2, ['-c', 'lab.ini'], [/^lab\.ini:4: sip\.udp: expected/, /^lab\.ini:5: \[kitchen\]: unknown section$/]],
		[2, ['--set', 'nonsense=1', '--set', 'log.format=json'], [/^nonsense: unknown setting$/]],
		[2, ['--set', 'log.format=json', '--set', 'users.file=none.ini'], [/^users\.file: cannot read none\.ini/]],
		[1, ['--ephemeral', '--any-port', '--set', 'log.format=json', '--set', 'sip.tcp=192.0.2.1:5060', '--set', 'sip.tcp_authentication=digest'], [/^cannot listen on 192\.0\.2\.1:5060/]],
	];

	for (const [status, args, patterns] of rows) {
		const result = run(args);
		const lines = objects(result.stderr);

		assert.deepEqual([result.status, result.stdout, lines.length], [status, '', patterns.length], result.stderr);
		for (const [i, { level, room, message }] of lines.entries()) {
			assert.equal(level, 'error');
			assert.ok(room);
			assert.match(message, patterns[i]);
		}
	}
	// Also what a library has to say, which it does where its environment asks it to.
	const result = run(['exec', '--set', 'log.format=json', '--', 'true'], { NTA_DEBUG: '9', SU_DEBUG: '9' });
	const lines = objects(result.stderr);

	assert.equal(result.status, 0);
	assert.ok(lines.some(({ room, name, message }) => room === 'sip' && name === 'sofia' && message), result.stderr);
});

test('and where it listens is one such line', async () => {
	const child = spawn(mcxd, ['--ephemeral', '--any-port', '--set', 'log.format=json'], { stdio: ['ignore', 'pipe', 'inherit'] });
	const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
	const end = once(child, 'close');

	try {
		const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
		const ready = JSON.parse((await lines.next()).value);

		assert.equal(ready.pid, child.pid);
		assert.match(ready.sip.tcp, /^127\.0\.0\.1:\d+$/);
		assert.match(ready.lab_socket, /\/lab\.sock$/);
		child.kill('SIGTERM');
		assert.deepEqual(await lines.next(), { value: undefined, done: true });
		assert.deepEqual(await end, [0, null]);
	} finally {
		clearTimeout(timer);
		child.kill('SIGKILL');
	}
});
