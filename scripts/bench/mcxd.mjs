import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { start, until } from './proc.mjs';

const PASSWORD = 'secret';

function writeUsers(file, n) {
	const names = ['alice', ...Array.from({ length: n }, (_, i) => `m${i}`)];

	writeFileSync(file, names.map((name) => `[user ${name}@lab.test]\npassword = ${PASSWORD}\n`).join('\n'));
}

// Only the front end: pushes go to our own load tool. The limits per user are lifted, and the journal is short
// or off, because held INVITEs and conversations are what is measured.
// Kamailio keeps nothing, so nothing is kept here either, unless that is what is measured.
export async function startMcxd({ folder, build, host, push, nUsers, waitMs, journalRecords = 0, durable = false }) {
	const users = path.join(folder, 'users.ini');
	const ready = path.join(folder, 'ready.json');
	const settings = {
		'users.file': users,
		'sip.udp': `${host}:0`,
		'sip.tcp': `${host}:0`,
		'sip.tls': `${host}:0`,
		'https.listen': `${host}:0`,
		'http.listen': `${host}:0`,
		'http.redirect': 'no',
		'lab.listen': '',
		'push.next_hop': `sip:${push};transport=tcp`,
		'core.invite_timeout': `${waitMs}ms`,
		'core.max_conversations': '1000000',
		'net.max_connections': '100000',
		'journal.max_records': String(journalRecords),
	};

	mkdirSync(folder, { recursive: true });
	writeUsers(users, nUsers);
	const process = start(path.resolve(build, 'mcxd'), [...(durable ? ['--state', path.join(folder, 'state')] : ['--ephemeral']),
		'--roles', 'front-end', '--ready-file', ready,
		...Object.entries(settings).flatMap(([name, value]) => ['--set', `${name}=${value}`])],
	{ log: path.join(folder, 'mcxd.log') });

	await until(() => existsSync(ready), process, 'its ready file');
	const listeners = JSON.parse(readFileSync(ready, 'utf8'));

	return { process, sip: listeners.sip, ca: listeners.ca, http: new URL(listeners.http).host,
		https: new URL(listeners.https).host, lab: listeners.lab_socket, password: PASSWORD };
}
